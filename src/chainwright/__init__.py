"""Chainwright: a declarative daemon that orchestrates chains of AI agents.

The package has three layers that know less and less of the outside:

``daemon``     the running service and its command line; ``daemon.core`` is its pure heart
``runners``    where agents run: the port, the local adapter and the session host
``schemas``    the published formats; imports nothing of ours

``workflows`` holds the chain definitions that ship. The folders stand at the top of the repository and are linked
here, so that everything is imported as ``chainwright.…`` and no bare ``daemon`` or ``schemas`` can shadow another
distribution's module.
"""

__version__ = "0.1.0"
