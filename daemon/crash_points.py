"""Labelled places at which a test can have the daemon die, the way ``kill -9`` would have it die there.

The switch is an environment variable that only tests set: ``CHAINWRIGHT_CRASH_AT=append.after-commit``, or ``…:3`` for the third
time that the place is reached. Without it a place costs one comparison. ``tests/faults/test_crash_points.py`` runs every label;
the session host has labels of its own under the same switch.

A label stands between two steps that a crash may part: what is durable by then, and what the next daemon has to make up for, is
said in :data:`LABELS`.
"""

import os
from collections.abc import Mapping
from typing import Final

SWITCH: Final = "CHAINWRIGHT_CRASH_AT"
EXIT_CODE: Final = 137
"""Of a process that was killed by signal 9, as shells tell it."""

LABELS: Final[Mapping[str, str]] = {
    "create-run.before-commit": "nothing is known of the run; whoever asked was told nothing and asks again",
    "create-run.after-commit": "the run is durable, not begun, and whoever asked was told nothing",
    "append.before-commit": "a fact was decided on in memory alone; it is found again and decided again",
    "append.after-commit": "a decision is durable, and none of its commands has left",
    "events.before-commit": "event files were read from their log, the place up to which is not recorded",
    "events.after-commit": "events and their place are durable, none of what follows from them has begun",
    "session.before-start": "the attempt is durable, its session was not asked for",
    "session.after-start": "the agent runs, and the journal does not know",
    "step.before-order": "a step is decided on, and its session was not told",
    "step.after-order": "a step was ordered, and nothing is known of it",
    "step.before-harvest": "a step has ended, and what it left was not read",
    "step.after-harvest": "the end of a step and its outputs were read, nothing of it is recorded",
    "step.before-end": "all steps have ended, and the session was not told that none follows",
    "exit.before-harvest": "the agent has ended, what it left was not read",
    "exit.after-harvest": "the end and the outputs were read, nothing of it is recorded",
    "exit.after-durable": "the end is recorded, the session host still waits to be told so",
    "exit.after-forget": "the session host has been let go",
    "child.asked": "an attempt is durable that is a child run, which does not exist",
    "child.begun": "the child run is durable and goes on, and its caller's journal does not know",
    "child.ended": "the child run has ended, and its caller was not told",
    "input.stored": "typed input is durable and was not sent",
    "input.sent": "typed input was sent, and its arrival is not recorded",
    "input.taken": "the session has taken typed input, and that is not recorded",
    "timer.fired": "a timer has fired, and nothing of it is recorded",
    "cancel.decided": "a cancellation was decided on in memory, and whoever asked was told nothing",
    "cancel.durable": "a cancellation is durable, and whoever asked was told nothing",
    "approval.decided": "an answer to an approval was decided on in memory, and whoever gave it was told nothing",
    "approval.durable": "an answer to an approval is durable, and whoever gave it was told nothing",
    "announcement.before-record": "an event was sent from outside; nothing of it is known, and whoever sent it was told nothing",
    "announcement.recorded": "an event from outside is durable, nobody was told, and whoever sent it was told nothing",
    "announcement.before-settle": "a chain was told, its run is durable, and that it was told is not recorded",
    "announcement.settled": "that a chain was told is durable, and whoever waits for that was told nothing",
    "refs.before-record": "refs have moved; nothing of that is known, and nobody was told",
    "refs.recorded": "that refs have moved is durable with what chains are to be told of it, and nobody was told",
    "remote.before-keep": "an agent of another repository was fetched aside, and is not in the cache",
    "remote.after-keep": "an agent of another repository is in the cache, and the chains that use it are not deployed",
    "fire.due": "a schedule's run is due, and nothing of it is recorded",
    "missed.due": "due times have passed without a run, and that is not recorded",
    "missed.recorded": "due times that have passed without a run are on record, and nobody was told",
    "pause.decided": "somebody pauses schedules, nothing of it is recorded, and whoever asked was told nothing",
    "pause.durable": "a pause of schedules is durable, and whoever asked was told nothing",
    "resume.durable": "paused schedules may start runs again, and whoever asked was told nothing",
    "delivery.proven": "the sender of a delivery is proven, and nothing of it is durable; its sender was told nothing",
    "delivery.durable": "a delivery and its run are durable, and its sender was told nothing",
    "deploy.before-record": "the chains of a commit are kept, and it is not in force",
    "deploy.after-record": "a deployment is in force, and its schedules are not",
    "install.before-record": "the deployed ref names another commit than the one in force, which stays: the next daemon puts the ref right",
    "push.before-verdict": "a push was judged, and git has not heard of it",
    "push.after-record": "a push is on record as let in, and git has not heard of it: its refs did not move",
    "push.before-look": "the refs of a push have moved, and it is not in force",
    "change.recorded": "a change request, or its new head, is durable, no ref keeps that head, and the pusher was told nothing",
    "change.ended": "a change request was given up, which is recorded, and nobody was told",
    "request.before-record": "something became of a change request or pull request, and chains were not told",
    "request.recorded": "what chains are to be told of a change request or pull request is durable, and nobody was told",
    "merge.begun": "a merge is decided on and durable, and the branch does not have it",
    "merge.moved": "the branch has a merge, and that is neither recorded nor deployed",
    "merge.recorded": "a merge is recorded, not deployed, and chains were not told",
    "recovery.owned": "open runs belong to this daemon, none of them goes on",
    "recovery.resumed": "the first of the open runs goes on, the others do not",
}
"""Label → what a death there leaves behind."""


class _Armed:
    """The label that is switched on, and how often it is still to be passed."""

    def __init__(self, told: str) -> None:
        self.label, _, nth = told.partition(":")
        self.left = int(nth or 1)


_armed = _Armed(os.environ[SWITCH]) if SWITCH in os.environ else None


def reach(label: str) -> None:
    """Die here if a test asks for it: at once, without cleaning up."""
    if _armed is None or _armed.label != label:
        return
    _armed.left -= 1
    if _armed.left == 0:
        os._exit(EXIT_CODE)
