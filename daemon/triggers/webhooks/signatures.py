"""Who may have sent a request: the schemes by which senders prove that they know a secret.

Everything is compared as bytes and in constant time, for every secret that is live, so that the time of a refusal tells nothing. A
signature counts in its one canonical form: capital hex digits, unpadded base64 and the like are other texts, and refused.

What a scheme signs beside the body (an id, a time) also names the delivery, so that a repeat of it is known (semantics 40). GitHub and
its kin sign the body alone: there the delivery's id and the body both do, because whoever replays a body may number it anew.

Sources: GitHub "Validating webhook deliveries"; Gitea and Forgejo "Webhooks"; GitLab "Webhooks", secret token and signing token; Slack
"Verifying requests from Slack"; Stripe "Verify webhook signatures manually"; standardwebhooks.com, specification 1.0.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic_core import from_json

from chainwright.daemon.core.graph import Verify
from chainwright.daemon.triggers.webhooks.request import HookRequest

LEAST_SECRET: Final = 8
"""Characters. A shorter secret can be guessed from one signature, without asking us again."""

_MOST_SIGNATURES: Final = 16
"""In one header: senders that exchange a secret send two."""
_SIGNING_TOKEN: Final = "whsec_"
_LEAST_KEY_BYTES: Final = 8
_TIME: Final = re.compile(rb"[0-9]{1,12}")


class BadProof(Exception):
    """The request does not prove who sent it; the message, one of few, says why and quotes nothing."""


class BadSecret(Exception):
    """A secret cannot be one of this scheme; the message says why, and not the secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The sender is proven. Any of ``keys`` being known makes the request a repeat; without keys, none ever is."""

    keys: tuple[str, ...] = ()


def proven(verify: Verify, request: HookRequest, secrets: Sequence[str], now: float) -> Proof:
    """Raises :class:`BadProof`, :class:`BadSecret`. ``secrets`` are the live ones; ``now`` is in seconds since the epoch."""
    require_usable(verify, secrets)
    return _SCHEMES[verify.scheme](verify, request, secrets, now)


def require_usable(verify: Verify, secrets: Sequence[str]) -> None:
    """Raises :class:`BadSecret` for a secret that cannot be one of the scheme, or that is too short to prove anything."""
    for secret in secrets:
        if len(secret) < LEAST_SECRET:
            raise BadSecret(f"its secret has fewer than {LEAST_SECRET} characters")
        if verify.scheme == "standard":
            _signing_key(secret)


def secret_header(verify: Verify) -> str | None:
    """The header in which senders show the secret itself, if they do and it is not always one."""
    return verify.header if verify.scheme == "token" else None


# the schemes


def _github(verify: Verify, request: HookRequest, secrets: Sequence[str], now: float) -> Proof:
    _require(request.header("x-hub-signature-256"), (b"sha256=" + _hex(key, request.body) for key in _keys(secrets)))
    return _numbered(request, "x-github")


def _gitea(verify: Verify, request: HookRequest, secrets: Sequence[str], now: float) -> Proof:
    _require(request.header("x-gitea-signature"), (_hex(key, request.body) for key in _keys(secrets)))
    return _numbered(request, "x-gitea")


def _forgejo(verify: Verify, request: HookRequest, secrets: Sequence[str], now: float) -> Proof:
    """Its own header, where there is one, is the one that counts: Gitea's beside it does not help."""
    sender = "x-forgejo" if "x-forgejo-signature" in request.headers else "x-gitea"
    _require(request.header(f"{sender}-signature"), (_hex(key, request.body) for key in _keys(secrets)))
    return _numbered(request, sender)


def _gitlab(verify: Verify, request: HookRequest, secrets: Sequence[str], now: float) -> Proof:
    """A signing token signs, as standard webhooks are; any other secret is a token that is sent as it is."""
    signing = [secret for secret in secrets if secret.startswith(_SIGNING_TOKEN)]
    if signing and "webhook-signature" in request.headers:
        return _standard(verify, request, signing, now)
    tokens = [secret for secret in secrets if secret not in signing]
    if not tokens:
        raise BadProof(_NO_SIGNATURE)
    _require(request.header("x-gitlab-token"), _keys(tokens))
    ids = _known_by("id", request, "idempotency-key")
    return Proof(keys=(*ids, _body_key(request, "x-gitlab-event")))


def _slack(verify: Verify, request: HookRequest, secrets: Sequence[str], now: float) -> Proof:
    at = request.header("x-slack-request-timestamp")
    signed = b"v0:" + at + b":" + request.body
    _require(request.header("x-slack-signature"), (b"v0=" + _hex(key, signed) for key in _keys(secrets)))
    _require_recent(at, verify.tolerance_s, now)
    return Proof(keys=(_signed_id(request.body, "event_id") or f"at:{at.decode()}:{_digest(request.body)}",))


def _stripe(verify: Verify, request: HookRequest, secrets: Sequence[str], now: float) -> Proof:
    parts = [part.strip().partition(b"=") for part in request.header("stripe-signature").split(b",")]
    times = [value for name, _, value in parts if name == b"t"]
    if len(times) != 1:
        raise BadProof(_NO_SIGNATURE)
    given = [value for name, _, value in parts if name == b"v1"]
    _require_any(given, [_hex(key, times[0] + b"." + request.body) for key in _keys(secrets)])
    _require_recent(times[0], verify.tolerance_s, now)
    return Proof(keys=(_signed_id(request.body, "id") or f"at:{times[0].decode()}:{_digest(request.body)}",))


def _standard(verify: Verify, request: HookRequest, secrets: Sequence[str], now: float) -> Proof:
    """Only the symmetric form, v1; signatures of other forms beside it are passed over."""
    name, at = request.header("webhook-id"), request.header("webhook-timestamp")
    if not name or b"." in name:
        raise BadProof(_NO_SIGNATURE)
    signed = b".".join((name, at, request.body))
    parts = [part.partition(b",") for part in request.header("webhook-signature").split(b" ")]
    given = [value for version, _, value in parts if version == b"v1"]
    wanted = [base64.b64encode(hmac.digest(_signing_key(secret), signed, "sha256")) for secret in secrets]
    _require_any(given, wanted)
    _require_recent(at, verify.tolerance_s, now)
    return Proof(keys=_known_by("id", request, "webhook-id"))


def _hmac(verify: Verify, request: HookRequest, secrets: Sequence[str], now: float) -> Proof:
    encode: Callable[[bytes], bytes] = base64.b64encode if verify.encoding == "base64" else binascii.hexlify
    digests = (hmac.digest(key, request.body, verify.algorithm) for key in _keys(secrets))
    prefix = verify.prefix.encode()
    _require(request.header(verify.header or ""), (prefix + encode(digest) for digest in digests))
    return Proof(keys=_known_by("id", request, verify.id_header))


def _token(verify: Verify, request: HookRequest, secrets: Sequence[str], now: float) -> Proof:
    if verify.header is not None:
        given = request.header(verify.header)
    else:
        word, _, given = request.header("authorization").partition(b" ")
        given = given.strip() if word.lower() == b"bearer" else b""
    _require(given, _keys(secrets))
    return Proof(keys=_known_by("id", request, verify.id_header))


_SCHEMES: Final[dict[str, Callable[[Verify, HookRequest, Sequence[str], float], Proof]]] = {
    "github": _github,
    "gitea": _gitea,
    "forgejo": _forgejo,
    "gitlab": _gitlab,
    "slack": _slack,
    "stripe": _stripe,
    "standard": _standard,
    "hmac": _hmac,
    "token": _token,
}

# what they share

_NO_SIGNATURE: Final = "no signature"
_WRONG: Final = "the signature is not ours"
_STALE: Final = "the signature is too old, or from the future"
REASONS: Final = (_NO_SIGNATURE, _WRONG, _STALE)
"""Everything that :class:`BadProof` says: few enough to count refusals by."""


def _keys(secrets: Iterable[str]) -> Iterable[bytes]:
    return (secret.encode() for secret in secrets)


def _hex(key: bytes, signed: bytes) -> bytes:
    return hmac.digest(key, signed, "sha256").hex().encode()


def _signing_key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_SIGNING_TOKEN), validate=True)
    except (binascii.Error, ValueError):
        raise BadSecret("its secret is not base64, with or without whsec_ before it") from None
    if len(key) < _LEAST_KEY_BYTES:
        raise BadSecret(f"the key of its secret has fewer than {_LEAST_KEY_BYTES} bytes")
    return key


def _require(given: bytes, wanted: Iterable[bytes]) -> None:
    _require_any([given] if given else [], list(wanted))


def _require_any(given: Sequence[bytes], wanted: Sequence[bytes]) -> None:
    """That one of the given signatures is one of the wanted; every pair is compared, whatever the one before it said."""
    if not given:
        raise BadProof(_NO_SIGNATURE)
    if len(given) > _MOST_SIGNATURES:
        raise BadProof(_WRONG)
    answers = [hmac.compare_digest(one, other) for one in given for other in wanted]
    if not any(answers):
        raise BadProof(_WRONG)


def _require_recent(at: bytes, tolerance_s: float, now: float) -> None:
    """Asked after the signature, so that a refusal tells nobody else how our clock goes."""
    if not _TIME.fullmatch(at) or abs(now - int(at)) > tolerance_s:
        raise BadProof(_STALE)


def _numbered(request: HookRequest, sender: str) -> Proof:
    ids = _known_by("id", request, f"{sender}-delivery")
    return Proof(keys=(*ids, _body_key(request, f"{sender}-event")))


def _known_by(kind: str, request: HookRequest, header: str | None) -> tuple[str, ...]:
    """The key that a header gives; hashed, because senders choose its length."""
    given = request.header(header) if header is not None else b""
    return (f"{kind}:{_digest(given)}",) if given else ()


def _signed_id(body: bytes, field: str) -> str | None:
    """The key of an event that a signed body numbers itself: its retries are signed anew, with other times."""
    try:
        found = from_json(body)
    except ValueError:
        return None
    event = found.get(field) if isinstance(found, dict) else None
    return f"id:{_digest(event.encode())}" if isinstance(event, str) and event else None


def _body_key(request: HookRequest, header: str) -> str:
    return f"body:{_digest(request.header(header))}:{_digest(request.body)}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
