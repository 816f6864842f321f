"""Runs on hosts that SSH reaches: where their agents work there, and the way of files between there and the daemon.

``home`` asks the host's porter and says what its refusals mean, ``workplaces`` and ``artifacts`` implement the engine's ports over it,
``tree_stream`` and ``branches`` are what is sent and fetched, ``surroundings`` what every agent there is given, ``clearing`` the garbage, ``upkeep`` when that is done. What is done
on the host itself is ``runners/host_*.py``; the connection is ``runners/ssh``.
"""
