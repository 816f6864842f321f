"""Configuration: layers, origins, refusals, and the home."""

from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon import config
from chainwright.daemon.config import BadConfig, Config


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A state folder that also holds the user's file."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def load(home: Path, flags: dict[str, Any] | None = None, *, file: Path | None = None, **environ: str) -> Config:
    """The configuration of a user whose only settings are the given ones."""
    told = {"CHAINWRIGHT_HOME": str(home), **environ}
    return config.load(flags, file=file, environ=told, system_folder=home.parent / "etc")


def refused(home: Path, flags: dict[str, Any]) -> str:
    """The message for settings that cannot be used."""
    with pytest.raises(BadConfig) as caught:
        load(home, flags)
    return str(caught.value)


def test_without_any_setting_every_value_is_a_default(home: Path) -> None:
    settings = load(home).settings

    assert (settings.sessions.slots, settings.repository.environment, settings.log.level) == (256, "main", "info")


def test_a_later_layer_wins_and_its_origin_is_known(home: Path) -> None:
    (home.parent / "etc").mkdir()
    (home.parent / "etc" / config.FILE).write_text("sessions: {slots: 1, grace_s: 1}\nlog: {level: error}\n")
    (home / config.FILE).write_text("sessions: {slots: 2, grace_s: 2}\n")

    found = load(home, {"sessions": {"slots": 4}}, CHAINWRIGHT_SESSIONS__GRACE_S="3")

    assert (found.settings.sessions.slots, found.settings.sessions.grace_s) == (4, 3.0)
    assert [found.origin(f"sessions.{key}") for key in ("slots", "grace_s")] == [
        "flag",
        "CHAINWRIGHT_SESSIONS__GRACE_S",
    ]
    assert found.origin("log.level") == str(home.parent / "etc" / config.FILE)
    assert found.origin("repository.path") == "default"


def test_of_the_environment_only_names_with_two_underscores_count(home: Path) -> None:
    """Semantics 41: an agent's own CHAINWRIGHT_… variables are no settings."""
    found = load(home, CHAINWRIGHT_RUN_ID="x", CHAINWRIGHT_LOG="debug", CHAINWRIGHT__X="y")

    assert found.settings.log.level == "info"


def test_an_unknown_key_is_refused_with_the_near_name_and_its_origin(home: Path) -> None:
    (home / config.FILE).write_text("sessions: {slot: 3}\n")

    said = refused(home, {})

    assert said == f'{home / config.FILE}: sessions.slot: is not a setting; did you mean "slots"?'


def test_a_key_unlike_any_other_is_refused_with_the_list(home: Path) -> None:
    assert (
        refused(home, {"zzz": 1})
        == "flag: zzz: is not a setting; there are: artifacts, home, hosts, listen, log, policy, repositories, repository, "
        "secrets, sessions, webhooks"
    )


def test_every_fault_is_told_at_once(home: Path) -> None:
    said = refused(home, {"sessions": {"slots": 0}, "log": {"level": "loud"}})

    assert [line.split(":")[1].strip() for line in said.splitlines()] == ["sessions.slots", "log.level"]


@pytest.mark.parametrize("text", ["- a list\n", "a: [\n"])
def test_a_file_that_is_no_map_is_refused_by_name(home: Path, text: str) -> None:
    (home / config.FILE).write_text(text)

    assert refused(home, {}).startswith(str(home / config.FILE))


def test_a_named_file_stands_in_for_the_users_and_must_exist(home: Path) -> None:
    (home / config.FILE).write_text("log: {level: error}\n")
    other = home / "other.yaml"
    other.write_text("log: {level: debug}\n")

    assert load(home, file=other).settings.log.level == "debug"
    with pytest.raises(BadConfig, match=r"missing\.yaml: there is no such file"):
        load(home, file=home / "missing.yaml")


def test_the_configuration_cannot_be_changed(home: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(home).settings.sessions.slots = 1  # type: ignore[misc]  # that it is refused is the claim


def test_home_is_the_flag_then_the_variable_then_the_xdg_folder(tmp_path: Path) -> None:
    environ = {"CHAINWRIGHT_HOME": str(tmp_path / "b"), "XDG_STATE_HOME": str(tmp_path / "x")}
    nowhere = tmp_path / "etc"

    found = [
        config.find_home(str(tmp_path / "a"), environ=environ, system_folder=nowhere),
        config.find_home(environ=environ, system_folder=nowhere),
        config.find_home(
            environ={"XDG_STATE_HOME": str(tmp_path / "x"), "XDG_CONFIG_HOME": str(tmp_path)}, system_folder=nowhere
        ),
    ]

    assert [home.root for home in found] == [tmp_path / "a", tmp_path / "b", tmp_path / "x" / "chainwright"]


def test_the_names_in_a_home_are_distinct(tmp_path: Path) -> None:
    home = config.Home(tmp_path)

    names = [home.database, home.socket, home.lock, home.sessions, home.runs, home.cache, home.bin, home.log]

    assert len(set(names)) == len(names)
    assert home.sessions.name == "s"
