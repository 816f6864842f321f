"""Providers are asked in order; what they give is fit to be masked, and its version tells nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from chainwright.daemon.secrets.port import SecretUnavailable
from chainwright.daemon.secrets.vault import Vault, open_vault
from chainwright.schemas.config import SecretSettings


class Known:
    """A provider of given values that remembers what it was asked."""

    def __init__(self, name: str, **values: str) -> None:
        self.name = self.place = name
        self.values = values
        self.asked: list[list[str]] = []

    async def read(self, names: Sequence[str]) -> Mapping[str, str]:
        self.asked.append(list(names))
        return {name: self.values[name] for name in names if name in self.values}


async def test_the_first_provider_that_has_it_gives_it() -> None:
    first, second = Known("first", A="a from first"), Known("second", A="a from second", B="b from second")
    found = await Vault([first, second], b"key").read(["B", "A"])

    assert [(one.reference.name, one.reference.provider, one.value) for one in found] == [
        ("B", "second", "b from second"),
        ("A", "first", "a from first"),
    ]
    assert second.asked == [["B"]]


async def test_a_version_changes_with_the_value_and_with_nothing_else() -> None:
    async def version(value: str, key: bytes = b"key") -> str:
        return (await Vault([Known("p", A=value)], key).read(["A"]))[0].reference.version

    assert await version("value-one") == await version("value-one")
    assert len({await version("value-one"), await version("value-two"), await version("value-one", b"other")}) == 3


@pytest.mark.parametrize(
    ("value", "said"), [("short", "fewer than 6 characters"), ("with\0null", "a null character")], ids=["short", "null"]
)
async def test_a_value_that_cannot_be_masked_or_given_is_refused(value: str, said: str) -> None:
    with pytest.raises(SecretUnavailable, match=said) as caught:
        await Vault([Known("file", A=value)], b"key").read(["A"])

    assert 'secret "A" of the file' in str(caught.value)
    assert value not in str(caught.value)


async def test_what_nobody_has_is_told_with_who_was_asked() -> None:
    with pytest.raises(SecretUnavailable, match=r'there is no secret "A"; asked: first, second'):
        await Vault([Known("first"), Known("second")], b"key").read(["A"])


async def test_without_any_provider_that_is_said(tmp_path: Path) -> None:
    vault = open_vault(SecretSettings(file=None, prefix=None), tmp_path, {}, b"key")

    with pytest.raises(SecretUnavailable, match="no provider is configured"):
        await vault.read(["A"])


async def test_a_value_is_in_no_picture_of_a_secret() -> None:
    (secret,) = await Vault([Known("p", A="value-one")], b"key").read(["A"])

    assert "value-one" not in repr(secret)


async def test_sightings_tell_who_has_it_and_never_a_value() -> None:
    vault = Vault([Known("file", A="a from file", S="short"), Known("environment", B="b from there")], b"key")

    seen = await vault.sightings(["A", "B", "C", "S"])

    assert [(one.name, one.provider) for one in seen] == [
        ("A", "file"),
        ("B", "environment"),
        ("C", None),
        ("S", "file"),
    ]
    assert [bool(one.problem) for one in seen] == [False, False, True, True]
    assert "asked: file, environment" in seen[2].problem
    assert "from" not in repr(seen[:2])


async def test_where_a_provider_cannot_tell_its_sentence_is_told_of_what_was_not_found_before() -> None:
    class Broken(Known):
        async def read(self, names: Sequence[str]) -> Mapping[str, str]:
            raise SecretUnavailable("the file is open to others")

    seen = await Vault([Known("first", A="a from first"), Broken("file")], b"key").sightings(["A", "B"])

    assert [one.problem for one in seen] == ["", "the file is open to others"]
