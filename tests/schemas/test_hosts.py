"""A host's description is refused where it could not be what somebody meant."""

from typing import Any

import pytest
from pydantic import ValidationError

from chainwright.schemas.config import Settings
from chainwright.schemas.hosts import HostSettings

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0XK6yTHgxz0Yl9uPZ8sNQKd2y9m1mYz2o7w0m1f0aB"


def test_an_address_is_enough() -> None:
    host = HostSettings(address="10.0.0.7")

    assert (host.port, host.slots, host.root, host.durable) == (22, 16, "~/.chainwright", "required")


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "-oProxyCommand=id"},
        {"address": "a b"},
        {"user": "-l"},
        {"host_key": "not a key"},
        {"root": "relative"},
        {"labels": ["gpu", "gpu"]},
        {"labels": ["local"]},
        {"labels": ["a b"]},
        {"slots": 0},
        {"python": "python3; id"},
        {"colour": "red"},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HostSettings.model_validate({"address": "a", "host_key": KEY} | wrong)


def test_the_name_local_is_taken() -> None:
    with pytest.raises(ValidationError, match="own machine"):
        Settings.model_validate({"hosts": {"local": {"address": "a"}}})


def test_a_jump_host_must_be_known_and_lead_somewhere() -> None:
    with pytest.raises(ValidationError, match='jump host "b" is not known'):
        Settings.model_validate({"hosts": {"a": {"address": "a", "jump": "b"}}})
    with pytest.raises(ValidationError, match="circle: a → b → a"):
        Settings.model_validate({"hosts": {"a": {"address": "a", "jump": "b"}, "b": {"address": "b", "jump": "a"}}})
