"""Secrets: where their values come from when a session starts, and how they are recognised in what it prints.

``vault`` asks the providers in their order (``file``, ``environment``, ``command``), ``masks`` gives the forms in which a value may turn
up in output, ``port`` is what the engine knows of all this. Nothing here keeps a value: each start asks anew, so a rotated secret
reaches the next attempt, and a value exists in this process only between the question and the start.
"""
