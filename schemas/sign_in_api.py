"""What the API answers about who asks, and about links by which a browser signs in."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SignInLink(_Answer):
    """A link that signs one browser in, once."""

    url: str
    expires_at: float


class Identity(_Answer):
    """Who asks. ``expires_at`` is null for what does not end by itself."""

    name: str
    is_owner: bool = Field(description="whether it is the one administrator of this daemon")
    proven_by: Literal["peer", "token", "cookie"]
    expires_at: float | None


class SignedOut(_Answer):
    """The browser is signed out."""

    ok: bool
