"""Forges: pull requests of a repository elsewhere get the plan of what they would do, as a comment and as a status.

``port``       what we ask of any forge; ``github``, ``gitea`` and ``gitlab`` ask it in the words of each
``wire``       asking over HTTP, and what the answers mean
``letters``    a plan as letters, and how a letter becomes a comment or a status
``all``        every forge that is configured, and their tasks
``following``  which pull requests are open, and what has changed about them
``telling``    what became of them, for chains that wait for it

Letters leave through ``daemon.outbox``. What a forge says is data: no text of it is executed, and a plan reads objects alone.
"""
