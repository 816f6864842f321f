"""The shell: the only place that turns the core's commands into I/O, and what happens outside into facts.

``engine``     the use cases on runs: start, cancel, retry, emit, watch; keeps a scope for each open run
``run_scope``  the owner of one open run: decides, makes durable, then performs
``sessions``   the life of one session, from its start (or its finding after a crash) to its end
``retrying``   what a run that retries another takes over
``injecting``  events from outside
``children``   attempts that are runs of another chain
``preparing``  what an attempt's session is started with
``harvest``    what an ended session left: outputs, the last line
``leftovers``  sessions that no run claims, on every host
``terminals``  a person at a session's terminal
``logs``       what a session wrote
``recording``  what is told to whoever asks while the store is full
``slots``      how many sessions may run at once
``timers``     the core's timers
``ports``      what the engine needs of the rest of the daemon

There is no await between a fact and the decision on it; commands leave only when their entries are durable.
"""

from chainwright.daemon.engine.engine import Engine

__all__ = ["Engine"]
