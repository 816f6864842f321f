"""From the bytes of a file to a chain: ``source → yaml_reader | json_reader → nodes → form → compiler → core.graph``.

``load`` is the entrance and runs all of it. Nothing here raises on what an author wrote: every mistake becomes a diagnostic with
its position, and reading goes on with what could be understood, so that the rules of ``daemon.lint`` see as much as possible.
"""
