"""The demo: the shipped chains in a repository of their own, and a run of one of them through the death of its daemon.

``seed``      makes the repository
``story``     starts a daemon, follows a run, kills the daemon with -9, starts it again, and shows what came of it
``over_ssh``  the same on another machine: the link and the daemon are cut
``stage``     what both stand on
``picture``   records the live view for the README

``python -m chainwright.daemon.demo`` tells the story; `chainwright up --demo` only seeds and starts one run.
"""

from chainwright.daemon.demo.seed import history_worth_reading, seed

__all__ = ["history_worth_reading", "seed"]
