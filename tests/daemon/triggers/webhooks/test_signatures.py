"""Each scheme of signing, by the vectors of its own documentation and by what must not pass."""

import base64
import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.core.graph import Verify
from chainwright.daemon.triggers.webhooks.request import HookRequest, joined
from chainwright.daemon.triggers.webhooks.signatures import REASONS, BadProof, BadSecret, Proof, proven

NOW = 1_700_000_000.0
SECRET = "a secret of some length"
BODY = b'{"hello": "world"}'
STANDARD_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()


def verify(scheme: Any, **more: Any) -> Verify:
    return Verify(scheme=scheme, secrets=("S",), **more)


def hexed(text: bytes, secret: str = SECRET, algorithm: str = "sha256") -> str:
    return hmac.digest(secret.encode(), text, algorithm).hex()


def standard(name: str, at: str, body: bytes, secret: str = STANDARD_SECRET) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.digest(key, f"{name}.{at}.".encode() + body, "sha256")).decode()


AT = f"{NOW:.0f}"
GOOD: dict[str, tuple[Verify, str, dict[str, str]]] = {
    "github": (verify("github"), SECRET, {"X-Hub-Signature-256": f"sha256={hexed(BODY)}"}),
    "gitea": (verify("gitea"), SECRET, {"X-Gitea-Signature": hexed(BODY)}),
    "forgejo": (verify("forgejo"), SECRET, {"X-Forgejo-Signature": hexed(BODY)}),
    "forgejo, older": (verify("forgejo"), SECRET, {"X-Gitea-Signature": hexed(BODY)}),
    "gitlab": (verify("gitlab"), SECRET, {"X-Gitlab-Token": SECRET}),
    "gitlab, signed": (
        verify("gitlab"),
        STANDARD_SECRET,
        {"webhook-id": "m1", "webhook-timestamp": AT, "webhook-signature": standard("m1", AT, BODY)},
    ),
    "slack": (
        verify("slack"),
        SECRET,
        {"X-Slack-Request-Timestamp": AT, "X-Slack-Signature": f"v0={hexed(f'v0:{AT}:'.encode() + BODY)}"},
    ),
    "stripe": (
        verify("stripe"),
        SECRET,
        {"Stripe-Signature": f"t={AT},v1={'0' * 64},v1={hexed(AT.encode() + b'.' + BODY)},v0=old"},
    ),
    "standard": (
        verify("standard"),
        STANDARD_SECRET,
        {"webhook-id": "m1", "webhook-timestamp": AT, "webhook-signature": f"v1a,x {standard('m1', AT, BODY)}"},
    ),
    "hmac": (
        verify("hmac", header="x-sig", algorithm="sha512", prefix="v1="),
        SECRET,
        {"X-Sig": f"v1={hexed(BODY, algorithm='sha512')}"},
    ),
    "hmac, base64": (
        verify("hmac", header="x-sig", encoding="base64"),
        SECRET,
        {"X-Sig": base64.b64encode(bytes.fromhex(hexed(BODY))).decode()},
    ),
    "token": (verify("token"), SECRET, {"Authorization": f"bearer {SECRET}"}),
    "token, named": (verify("token", header="x-token"), SECRET, {"X-Token": SECRET}),
}
NAMES = sorted(GOOD)
DATED = [name for name in NAMES if GOOD[name][0].scheme in ("slack", "stripe", "standard") or "signed" in name]


def ask(name: str, *, body: bytes = BODY, now: float = NOW, **more: Any) -> Proof:
    """What the scheme says to its good request, changed as told."""
    how, secret, headers = GOOD[name]
    request = HookRequest(headers=joined((more.get("headers") or headers).items()), body=body)
    return proven(how, request, more.get("secrets", (secret,)), now)


@pytest.mark.parametrize("name", NAMES)
def test_a_proven_request_passes(name: str) -> None:
    assert isinstance(ask(name), Proof)


@pytest.mark.parametrize("name", NAMES)
def test_either_of_two_live_secrets_proves(name: str) -> None:
    secret = GOOD[name][1]
    other = "whsec_" + base64.b64encode(b"another key of a length").decode()

    assert ask(name, secrets=(other, secret)) == ask(name, secrets=(secret, other)) == ask(name)


@pytest.mark.parametrize("name", NAMES)
def test_another_secret_proves_nothing(name: str) -> None:
    with pytest.raises(BadProof):
        ask(name, secrets=("whsec_" + base64.b64encode(b"another key of a length").decode(),))


@pytest.mark.parametrize("name", [name for name in NAMES if "token" not in name and name != "gitlab"])
@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY.replace(b": ", b":"), b"\xff\xfe"])
def test_a_signature_is_of_these_bytes_and_no_others(name: str, body: bytes) -> None:
    """Re-encoded JSON is another body."""
    with pytest.raises(BadProof, match="not ours"):
        ask(name, body=body)


@pytest.mark.parametrize("name", NAMES)
def test_without_its_headers_a_request_has_no_signature(name: str) -> None:
    with pytest.raises(BadProof, match="no signature"):
        ask(name, headers={"X-Other": "1"})


@pytest.mark.parametrize("name", NAMES)
def test_bytes_that_are_no_text_are_a_wrong_signature(name: str) -> None:
    """As aiohttp gives them: UTF-8 with surrogates for what is none."""
    _, _, headers = GOOD[name]
    with pytest.raises(BadProof):
        ask(name, headers={key: "\udcff\u00e9" + value for key, value in headers.items()})


@pytest.mark.parametrize("name", DATED)
@pytest.mark.parametrize("now", [NOW + 301, NOW - 301])
def test_a_stale_signature_is_refused(name: str, now: float) -> None:
    """Semantics 40's neighbours: five minutes, both ways."""
    assert ask(name, now=NOW + 299)

    with pytest.raises(BadProof, match="too old"):
        ask(name, now=now)


@pytest.mark.parametrize(
    "signature",
    [
        f"sha256={hexed(BODY).upper()}",
        f"SHA256={hexed(BODY)}",
        hexed(BODY),
        f"sha256={base64.b64encode(bytes.fromhex(hexed(BODY))).decode()}",
        f"sha256= {hexed(BODY)}",
        f"sha256={hexed(BODY)}, sha256={hexed(BODY)}",
        f"sha1={hexed(BODY, algorithm='sha1')}",
        "sha256=",
    ],
)
def test_a_signature_in_another_form_is_refused(signature: str) -> None:
    with pytest.raises(BadProof, match="not ours"):
        ask("github", headers={"X-Hub-Signature-256": signature})


def test_sha1_alone_proves_nothing() -> None:
    with pytest.raises(BadProof, match="no signature"):
        ask("github", headers={"X-Hub-Signature": f"sha1={hexed(BODY, algorithm='sha1')}"})


@pytest.mark.parametrize("at", ["", "1e9", " 1700000000", "+1700000000", "1_700_000_000", "١٧٠٠٠٠٠٠٠٠"])
def test_a_time_is_digits_and_nothing_else(at: str) -> None:
    signed = f"v0={hexed(b'v0:' + at.encode() + b':' + BODY)}"
    with pytest.raises(BadProof, match="too old"):
        ask("slack", headers={"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signed})


def test_unpadded_and_url_safe_base64_are_other_texts() -> None:
    _, _, headers = GOOD["standard"]
    for changed in (headers["webhook-signature"].rstrip("="), headers["webhook-signature"].replace("+", "-") + " "):
        if changed.split() == headers["webhook-signature"].split():
            continue
        with pytest.raises(BadProof, match="not ours"):
            ask("standard", headers={**headers, "webhook-signature": changed})


def test_forgejos_own_header_is_the_one_that_counts() -> None:
    with pytest.raises(BadProof):
        ask("forgejo", headers={"X-Forgejo-Signature": "0" * 64, "X-Gitea-Signature": hexed(BODY)})


def test_a_flood_of_signatures_is_not_tried() -> None:
    _, _, headers = GOOD["standard"]
    with pytest.raises(BadProof):
        ask("standard", headers={**headers, "webhook-signature": "v1,x " * 20 + headers["webhook-signature"]})


@pytest.mark.parametrize("secret", ["", "short", "1234567"])
@pytest.mark.parametrize("name", NAMES)
def test_a_short_secret_proves_nobody(name: str, secret: str) -> None:
    with pytest.raises(BadSecret):
        ask(name, secrets=(secret,))


def test_a_standard_secret_is_base64() -> None:
    for secret in ("whsec_not base64!", "whsec_" + base64.b64encode(b"tiny").decode()):
        with pytest.raises(BadSecret):
            ask("standard", secrets=(secret,))


# vectors of the schemes' own documentation


def test_githubs_own_example() -> None:
    """Validating webhook deliveries: "Testing the webhook payload validation"."""
    digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    request = HookRequest(headers={"x-hub-signature-256": f"sha256={digest}"}, body=b"Hello, World!")

    assert proven(verify("github"), request, ("It's a Secret to Everybody",), NOW)


def test_slacks_own_example() -> None:
    """Verifying requests from Slack: the slash command."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id="
        b"U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F"
        b"T1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    headers = {"x-slack-request-timestamp": "1531420618", "x-slack-signature": signature}
    request = HookRequest(headers=headers, body=body)

    assert proven(verify("slack"), request, ("8f742231b10e8888abcd99yyyzzz85a5",), 1_531_420_618.0)


def test_standard_webhooks_own_example() -> None:
    """The vector of the specification's reference libraries."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    request = HookRequest(headers=headers, body=b'{"test": 2432232314}')

    assert proven(verify("standard"), request, ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",), 1_614_265_330.0)


# what makes a repeat known (semantics 40)


def keys(name: str, body: bytes = BODY, **more: Any) -> tuple[str, ...]:
    return ask(name, body=body, **more).keys


def github(delivery: str, event: str, body: bytes = BODY) -> set[str]:
    headers = {"X-GitHub-Delivery": delivery, "X-GitHub-Event": event, "X-Hub-Signature-256": f"sha256={hexed(body)}"}
    return set(keys("github", body, headers=headers))


def test_a_forges_delivery_is_known_by_its_id_or_by_event_and_body() -> None:
    first = github("1", "push")

    assert first & github("1", "push", b"other")
    assert first & github("2", "push")
    assert not first & github("2", "issues")
    assert not first & github("2", "push", b"other")


def test_what_is_signed_with_its_time_is_known_by_that() -> None:
    at = f"{NOW + 1:.0f}"
    later = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={hexed(f'v0:{at}:'.encode() + BODY)}"}

    assert keys("slack") == keys("slack") != keys("slack", headers=later)


@pytest.mark.parametrize(("name", "field"), [("slack", "event_id"), ("stripe", "id")])
def test_an_event_that_numbers_itself_is_known_by_its_number(name: str, field: str) -> None:
    """Senders sign a retry anew, with another time."""

    def signed(at: str) -> tuple[str, ...]:
        body = f'{{"{field}": "e1"}}'.encode()
        headers = {
            "slack": {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={hexed(f'v0:{at}:'.encode() + body)}"},
            "stripe": {"Stripe-Signature": f"t={at},v1={hexed(at.encode() + b'.' + body)}"},
        }
        return keys(name, body, headers=headers[name])

    assert signed(AT) == signed(f"{NOW + 60:.0f}") != ()


def test_a_standard_webhook_is_known_by_its_signed_id() -> None:
    at = f"{NOW + 60:.0f}"
    again = {"webhook-id": "m1", "webhook-timestamp": at, "webhook-signature": standard("m1", at, BODY)}

    assert keys("standard") == keys("standard", headers=again)


def test_nothing_repeats_a_request_that_names_no_delivery() -> None:
    assert keys("hmac") == keys("token") == ()


def test_a_named_header_names_the_delivery() -> None:
    how = verify("token", id_header="x-id")
    request = HookRequest(headers={"authorization": f"Bearer {SECRET}", "x-id": "7"}, body=BODY)

    assert proven(how, request, (SECRET,), NOW).keys == (f"id:{hashlib.sha256(b'7').hexdigest()}",)


# whatever is sent

HEADER_NAMES = sorted({name.lower() for _, _, headers in GOOD.values() for name in headers})


@given(
    name=st.sampled_from(NAMES),
    headers=st.dictionaries(st.sampled_from(HEADER_NAMES), st.binary(max_size=80)),
    body=st.binary(max_size=200),
)
def test_no_bytes_are_more_than_a_refusal(name: str, headers: dict[str, bytes], body: bytes) -> None:
    told = {key: value.decode("utf-8", "surrogateescape") for key, value in headers.items()}
    with pytest.raises(BadProof) as caught:
        ask(name, headers=told or {"x": "y"}, body=body)

    assert str(caught.value) in REASONS
