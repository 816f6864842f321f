"""The trigger ``webhook``: who may send, what counts, and how a payload becomes the inputs of a run.

Each scheme of signing has the fields that mean something to it and no others, so what would be ignored is refused.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, Tag

from chainwright.schemas.fields import Condition, EnvName, Form, Given, Matching, Name, TimeOut, either, shape

HookId = Annotated[
    str, Matching(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", "part of an address: up to 64 of A-Z a-z 0-9 . _ -")
]
HeaderName = Annotated[str, Matching(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", "the name of a header")]

Secrets = Annotated[
    Annotated[EnvName, Tag("<text>")] | Annotated[list[EnvName], Field(min_length=1, max_length=2), Tag("<list>")],
    either("the name of a secret or, while it is exchanged, the names of both"),
]
"""Names alone: a value never stands in a chain."""


class ForgeProof(Form):
    """The body is signed; the sender numbers its deliveries."""

    scheme: Literal["github", "gitea", "forgejo"]
    """Who sends."""
    secret: Secrets
    """What the sender signs with: the name of a secret, or of two while one takes the other's place."""


class DatedProof(Form):
    """The body is signed together with the time. Of GitLab, only where its secret is a signing token; else its token is sent as it is."""

    scheme: Literal["gitlab", "slack", "stripe", "standard"]
    """Who sends; standard is the form of standardwebhooks.com."""
    secret: Secrets
    """What the sender signs with: the name of a secret, or of two while one takes the other's place."""
    tolerance: TimeOut = 300.0
    """How far the time of a signature may be from now."""


class HmacProof(Form):
    """The body is signed in a way that nobody else has a name for."""

    scheme: Literal["hmac"]
    """An HMAC of the body."""
    secret: Secrets
    """What the sender signs with: the name of a secret, or of two while one takes the other's place."""
    header: HeaderName
    """The header that holds the signature."""
    algorithm: Literal["sha256", "sha512"] = "sha256"
    """The hash."""
    encoding: Literal["hex", "base64"] = "hex"
    """How the signature is written; hex in small letters."""
    prefix: str = Field(default="", max_length=40)
    """What stands before the signature in the header."""
    id_header: Given[HeaderName] = None
    """The header that names a delivery, by which a repeat of it is known; without it, none is."""


class TokenProof(Form):
    """The secret itself is sent; nothing is signed."""

    scheme: Literal["token"]
    """A secret that the sender shows."""
    secret: Secrets
    """What the sender shows: the name of a secret, or of two while one takes the other's place."""
    header: Given[HeaderName] = None
    """The header that holds nothing but the secret; the bearer token of Authorization, when absent."""
    id_header: Given[HeaderName] = None
    """The header that names a delivery, by which a repeat of it is known; without it, none is."""


_FORMS = {
    **dict.fromkeys(("github", "gitea", "forgejo"), "<forge>"),
    **dict.fromkeys(("gitlab", "slack", "stripe", "standard"), "<dated>"),
    "hmac": "<hmac>",
    "token": "<token>",
}
SCHEMES = tuple(_FORMS)


def _form_of(value: object) -> str:
    scheme = value.get("scheme") if isinstance(value, dict) else None
    return _FORMS.get(scheme, "<unknown>") if isinstance(scheme, str) else shape(value)


Verify = Annotated[
    Annotated[ForgeProof, Tag("<forge>")]
    | Annotated[DatedProof, Tag("<dated>")]
    | Annotated[HmacProof, Tag("<hmac>")]
    | Annotated[TokenProof, Tag("<token>")],
    either(f"a mapping of scheme and secret; a scheme is one of {', '.join(SCHEMES)}", _form_of),
]


class Webhook(Form):
    """An address to which others send what has happened."""

    id: HookId
    """The end of its address, /hooks/<organization>/<environment>/<id>; of one environment, each is there once."""
    verify: Given[Verify] = None
    """How a sender proves who it is; without it nobody could, and the chain is refused."""
    if_: Given[Condition] = None
    """Whether a delivery starts a run: a condition over event.headers, whose names are in small letters, and event.body."""
    inputs: dict[Name, Any] = Field(default_factory=dict)
    """The inputs of the run: values, in which expressions read event.headers and event.body."""


MAX_WEBHOOKS = 50
"""Of one chain."""

Webhooks = Annotated[
    Annotated[Webhook, Tag("<map>")]
    | Annotated[list[Webhook], Field(min_length=1, max_length=MAX_WEBHOOKS), Tag("<list>")],
    either("a mapping with id and verify, or a list of them"),
]
