"""Where agents run.

``port``          what the daemon asks of a place that runs sessions; every adapter passes ``tests/conformance``
``session_host``  one stdlib-only file: the process that owns an agent's terminal and outlives the daemon
``client``        speaks the session host's protocol, over any pair of streams
``session_files`` what a session's folder says, in the order in which it must be asked
``terminal``      what ``attach`` gives: a live session, or what an ended one left
``local``         the runner of this machine
``fork_server``   its warm process, which starts session hosts within milliseconds
``agent_tools``   the command that agents find on their PATH
``transcript``    reads what a session wrote: plain text for people, asciicast for players
"""
