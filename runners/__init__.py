"""Where agents run.

``port``          what the daemon asks of a place that runs sessions; every adapter passes ``tests/conformance``
``session_host``  one stdlib-only file: the process that owns an agent's terminal and outlives the daemon
``client``        speaks the session host's protocol, over any pair of streams
``session_folder`` looks into a session's folder, in the order in which it must be asked; stdlib-only as well
``session_files`` judges what was found there
``porter``        answers for the folders of a host, while a connection to it lasts; stdlib-only as well
``host_contents`` what runs need there: ``host_trees``, ``host_workspaces``, ``host_repository``, ``host_artifacts``, ``host_garbage``; likewise
``host_files``    rules about paths, links and copies of every machine, with ``host_git`` for git; the daemon imports them too
``refused``       how an operation on a host says no
``session_runner`` what every runner of session hosts does alike
``terminal``      what ``attach`` gives: a live session, or what an ended one left
``local``         the runner of this machine
``ssh``           hosts that are reached over SSH
``fork_server``   its warm process, which starts session hosts within milliseconds
``agent_tools``   the command that agents find on their PATH
``transcript``    reads what a session wrote: plain text for people, asciicast for players
"""
