"""What the API takes of people at sessions."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

SignalName = Literal["interrupt", "terminate", "kill"]


class SendSignal(BaseModel):
    """What the processes of a session are to be sent: an interrupt is what Ctrl-C sends; a kill cannot be heard by them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    signal: SignalName


class SentSignal(BaseModel):
    """What was sent, and to which session."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    session: str
    signal: SignalName
