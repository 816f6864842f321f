"""A clock for tests: it stands still until it is told to go, forwards or back."""


class FakeClock:
    """Call it for the time: seconds since the epoch, UTC."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass; a negative number sets the clock back."""
        self.now += seconds
