"""Where agents run.

``port``          what the daemon asks of a place that runs sessions; every adapter passes ``tests/conformance``
``session_host``  one stdlib-only file: the process that owns an agent's terminal and outlives the daemon
``client``        speaks the session host's protocol
``local``         the runner of this machine, with its fork server
``transcript``    reads what a session wrote: plain text for people, asciicast for players
"""
