"""Schedules that start runs: the cron trigger, the engine and the store, joined.

Every due time leaves one row: the run, or ``missed`` with its reason. What overlaps a run of the same schedule that still goes on is
skipped, and so is what was due while no daemon was there (semantics 39).
"""
