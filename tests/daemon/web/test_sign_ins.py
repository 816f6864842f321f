"""Tickets and sign-ins: used once, over in time, kept as digests."""

import stat
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from chainwright.daemon.core.access import Actor
from chainwright.daemon.web.sign_ins import MOST, SIGN_IN_S, TICKET_S, SignIns

ADA = Actor(name="ada", is_owner=True)


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sign_ins(clock: Clock, tmp_path: Path) -> SignIns:
    return SignIns(tmp_path / "sign-ins.json", clock)


def test_a_ticket_is_used_once(sign_ins: SignIns) -> None:
    secret = sign_ins.ticket(ADA).secret

    assert [sign_ins.redeem(secret), sign_ins.redeem(secret)] == [ADA, None]


def test_a_ticket_is_over_in_time(sign_ins: SignIns, clock: Clock) -> None:
    secret = sign_ins.ticket(ADA).secret
    clock.now += TICKET_S

    assert sign_ins.redeem(secret) is None


@pytest.mark.parametrize("told", ["", "x", "\udc80", "0" * 64])
def test_what_is_no_ticket_is_none(sign_ins: SignIns, told: str) -> None:
    sign_ins.ticket(ADA)

    assert sign_ins.redeem(told) is None


def test_a_sign_in_names_its_actor_until_it_is_over(sign_ins: SignIns, clock: Clock) -> None:
    secret, begun = sign_ins.begin(ADA)

    assert sign_ins.of(secret) == begun
    assert begun.actor == ADA
    clock.now += SIGN_IN_S
    assert sign_ins.of(secret) is None


def test_signing_in_again_makes_another_secret_and_ends_the_one_before(sign_ins: SignIns) -> None:
    before, _ = sign_ins.begin(ADA)
    after, _ = sign_ins.begin(ADA, before=before)

    assert before != after
    assert sign_ins.of(before) is None
    assert sign_ins.of(after) is not None


def test_signing_out_ends_it_for_whoever_has_the_secret(sign_ins: SignIns) -> None:
    secret, _ = sign_ins.begin(ADA)

    sign_ins.end(secret)

    assert sign_ins.of(secret) is None


def test_it_outlives_the_daemon_and_a_ticket_does_not(sign_ins: SignIns, clock: Clock, tmp_path: Path) -> None:
    secret, begun = sign_ins.begin(ADA)
    ticket = sign_ins.ticket(ADA).secret

    again = SignIns(tmp_path / "sign-ins.json", clock)

    assert again.of(secret) == begun
    assert again.redeem(ticket) is None


def test_its_file_is_the_owners_and_holds_no_secret(sign_ins: SignIns, tmp_path: Path) -> None:
    secret, _ = sign_ins.begin(ADA)
    kept = tmp_path / "sign-ins.json"

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert secret not in kept.read_text()


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"digest": "x"}]', '{"a": 1}'])
def test_a_file_that_cannot_be_read_signs_everybody_out(clock: Clock, tmp_path: Path, text: str) -> None:
    (tmp_path / "sign-ins.json").write_text(text)

    secret, _ = SignIns(tmp_path / "sign-ins.json", clock).begin(ADA)

    assert SignIns(tmp_path / "sign-ins.json", clock).of(secret) is not None


def test_there_is_a_bound_and_the_oldest_goes(clock: Clock) -> None:
    numbers = count()
    random: Callable[[], str] = lambda: f"secret {next(numbers)}"  # noqa: E731 - a name for a type
    sign_ins = SignIns(None, clock, random)
    for _ in range(MOST + 1):
        sign_ins.begin(ADA)

    assert sign_ins.of("secret 0") is None
    assert sign_ins.of("secret 1") is not None
