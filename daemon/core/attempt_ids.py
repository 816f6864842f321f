"""The id of an attempt: readable, the same after a rebuild, and the name of its session and of its folder."""


def attempt_id(run_id: str, agent: str, turn: int, attempt: int) -> str:
    """``<run>-<agent>-<turn>-<attempt>``."""
    return f"{run_id}-{agent}-{turn}-{attempt}"


def check_id(attempt: str, index: int) -> str:
    """The session of a check: its attempt's id with ``.c<index>``; no agent's id holds a dot."""
    return f"{attempt}.c{index}"
