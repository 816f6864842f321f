"""The table of legal moves, and the document that is drawn from it.

``python tests/daemon/core/test_states.py`` writes ``docs/states.md`` anew.
"""

from pathlib import Path

import pytest

from chainwright.daemon.core import states
from chainwright.daemon.core.states import FAILURES, MOVES, RESULTS, IllegalMove, Level, Outcome, State, moved

DOCUMENT = Path(__file__).parents[3] / "docs" / "states.md"
FIRST = {Level.RUN: (State.QUEUED,), Level.TURN: (State.QUEUED,), Level.ATTEMPT: (State.STARTING, State.WAITING)}
"""What each level begins in."""

MOVES_OF_ALL = [(level, before, after) for level in Level for before in MOVES[level] for after in State]


def drawn() -> str:
    """The document, as it follows from the table."""
    idea, _, meanings = (states.__doc__ or "").partition("What moves things on")
    parts = ["# States", "Drawn from `MOVES` in `daemon/core/states.py` by `tests/daemon/core/test_states.py`."]
    parts += [idea.split("\n\n")[1], _meanings(meanings.partition("\n\n")[2])]
    for level in Level:
        parts += [f"## {level.value.capitalize()}", _diagram(level)]
    return "\n\n".join(parts) + "\n"


def _diagram(level: Level) -> str:
    moves = [f"    [*] --> {state}" for state in FIRST[level]]
    moves += [
        f"    {before} --> {after}" for before, follow in MOVES[level].items() for after in State if after in follow
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", *moves, f"    {State.FINISHED} --> [*]", "```"])


def _meanings(text: str) -> str:
    """The list of the module's docstring as a table: a state begins a line, what follows is indented."""
    rows: list[str] = []
    for line in text.strip().splitlines():
        if line.startswith("``"):
            name, meaning = line.split(maxsplit=1)
            rows.append(f"| {name.strip('`')} | {meaning}")
        else:
            rows[-1] += " " + line.strip()
    return "\n".join(["| state | meaning |", "|---|---|", *(row + " |" for row in rows)])


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == drawn(), "run: python tests/daemon/core/test_states.py"


@pytest.mark.parametrize(("level", "before", "after"), MOVES_OF_ALL)
def test_a_move_is_legal_exactly_when_the_table_has_it(level: Level, before: State, after: State) -> None:
    if after in MOVES[level][before]:
        assert moved(level, "r1", before, after) is after
    else:
        with pytest.raises(IllegalMove, match=f"{level} r1: {before} cannot become {after}"):
            moved(level, "r1", before, after)


@pytest.mark.parametrize("level", Level)
def test_finished_is_final_and_can_be_reached_from_everywhere(level: Level) -> None:
    """Whatever happens, everything can end; nothing comes back."""
    assert MOVES[level][State.FINISHED] == frozenset()
    assert all(State.FINISHED in MOVES[level][state] for state in MOVES[level] if state is not State.FINISHED)


@pytest.mark.parametrize("level", Level)
def test_every_state_of_a_level_can_be_reached(level: Level) -> None:
    """No entry of the table is dead."""
    reached = set(FIRST[level])
    for _ in State:
        reached |= {after for before in reached for after in MOVES[level][before]}

    assert reached == set(MOVES[level])


def test_every_outcome_has_its_word_in_expressions() -> None:
    """`result`: failed, timed out and lost are all failures."""
    assert set(RESULTS) == set(Outcome)
    assert {Outcome.FAILED, Outcome.TIMED_OUT, Outcome.LOST} == FAILURES


if __name__ == "__main__":
    DOCUMENT.write_text(drawn(), encoding="utf-8")
