"""What can be said about chains without running them: ``linter → rules → report``.

``daemon.definition`` finds what is wrong with the form of a file. The rules here are about its meaning: each stands in a file of its
own below ``rules``, sees one chain as a ``Subject`` and yields findings. They report mistakes, not taste, and stay silent about
whatever rests on something that could not be understood.
"""
