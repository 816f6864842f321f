"""How an operation on a host says no. Standard library of Python 3.6 only: it is uploaded to hosts."""


class Refused(Exception):
    """An operation's own refusal: ``kind`` is a stable word for programs, ``detail`` is for people."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
