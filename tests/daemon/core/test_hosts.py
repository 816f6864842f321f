"""What is known of hosts follows from the configuration and from what was done, whatever came in between."""

import pytest

from chainwright.daemon.core.hosts import (
    HostEntry,
    HostStep,
    KnownHost,
    algorithm,
    fingerprint,
    is_same_key,
    register,
)
from chainwright.schemas.hosts import LOCAL, HostSettings

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKGcFrFf03c/hg8q8895cvDD5c8mHLQMxaF1mWrnhUE3"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHxzXPvK1p4amcmQZ6af+HWEPQG17KR4RGwkz7U0O4uN"
ADDED = HostSettings(address="gpu1", labels=["gpu"])
CONFIGURED = HostSettings(address="big", slots=4)


def entry(step: HostStep, host: str = "gpu1", **told: object) -> HostEntry:
    return HostEntry(at=5.0, actor="ann", host=host, step=step, **told)  # type: ignore[arg-type] # fields by name


ADD = entry(HostStep.ADDED, settings=ADDED)
DRAIN = entry(HostStep.DRAINED, reason="new disk")
TRUST = entry(HostStep.TRUSTED, host_key=KEY)


def known(*entries: HostEntry, name: str = "gpu1", configured: HostSettings | None = None) -> KnownHost:
    return register({name: configured} if configured else {}, entries).hosts[name]


def test_an_added_host_is_known_by_who_added_it() -> None:
    assert known(ADD) == KnownHost(name="gpu1", settings=ADDED, origin="added", added=ADD)
    assert known(ADD).labels == ("gpu1", "gpu")


def test_settings_are_those_that_were_given_last_and_what_else_is_known_stays() -> None:
    changed = ADDED.model_copy(update={"slots": 3})
    host = known(ADD, DRAIN, TRUST, entry(HostStep.ADDED, settings=changed))

    assert (host.settings.slots, host.drained, host.settings.host_key) == (3, DRAIN, KEY)


def test_a_removed_host_is_not_known_and_its_key_is_not_that_of_the_next_of_its_name() -> None:
    gone = [ADD, TRUST, DRAIN, entry(HostStep.REMOVED)]

    assert register({}, gone).hosts == {}
    assert known(*gone, ADD) == known(ADD)


def test_a_drain_lasts_until_somebody_resumes() -> None:
    assert known(ADD, DRAIN).drained == DRAIN
    assert known(ADD, DRAIN, entry(HostStep.RESUMED)).drained is None


def test_a_key_that_is_trusted_is_pinned_and_the_last_one_counts() -> None:
    again = entry(HostStep.TRUSTED, host_key=OTHER)

    assert known(ADD, TRUST).settings.host_key == KEY
    assert known(ADD, TRUST, again).settings.host_key == OTHER
    assert known(ADD, TRUST, again).trusted == again


def test_what_the_configuration_says_wins_and_hands_on_drain_and_key() -> None:
    host = known(ADD, DRAIN, TRUST, configured=CONFIGURED)

    assert (host.origin, host.settings.address, host.added) == ("configured", "big", None)
    assert (host.drained, host.settings.host_key) == (DRAIN, KEY)


def test_a_key_of_the_configuration_wins_over_one_that_was_trusted() -> None:
    host = known(TRUST, configured=CONFIGURED.model_copy(update={"host_key": OTHER}))

    assert (host.settings.host_key, host.trusted) == (OTHER, None)


def test_the_daemons_own_machine_can_be_drained_and_is_no_host_of_the_register() -> None:
    drain = entry(HostStep.DRAINED, LOCAL)
    found = register({}, [drain])

    assert (found.hosts, found.drained(LOCAL), found.drained("gpu1")) == ({}, drain, None)


def test_what_was_done_to_a_host_that_is_configured_no_more_makes_none() -> None:
    assert register({}, [DRAIN, TRUST]).hosts == {}


def test_a_host_knows_who_is_reached_through_it() -> None:
    behind = HostSettings(address="inner", jump="big")

    assert register({"big": CONFIGURED, "inner": behind}, []).through("big") == ["inner"]


@pytest.mark.parametrize("key", [KEY, f"{KEY} ann@laptop"])
def test_a_fingerprint_is_what_ssh_keygen_prints(key: str) -> None:
    assert fingerprint(key) == "SHA256:Er6M/1lyolwTk0JmClGSh/q6Qmwa+xAhS6Y/M8Yh1VM"
    assert algorithm(key) == "ssh-ed25519"


def test_a_key_without_its_comment_is_the_same() -> None:
    assert is_same_key(KEY, f"{KEY} ann@laptop")
    assert not is_same_key(KEY, OTHER)


def test_what_is_no_key_has_no_fingerprint() -> None:
    with pytest.raises(ValueError, match=r"base64|padding|characters"):
        fingerprint("ssh-ed25519 AAA")
