"""The command line: a thin client of the API, and the few verbs that need no daemon.

``main`` is the entrance, ``verbs`` the table of what there is; each verb has its own file or shares one with its neighbours. A verb's
file is imported when the verb is called, and what only one path of it needs (rich, aiohttp, pydantic) is imported there: this is
what keeps ``--help`` and an agent's ``emit`` quick, and ``tests/daemon/cli/test_main.py`` holds it.

Data goes to stdout, talk to stderr.
"""
