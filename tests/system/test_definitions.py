"""`lint`, `graph`, `schema`, `chains`, `version`, `completion`: what can be asked about definitions, most of it without a daemon."""

import json

import pytest

from chainwright import __version__

FILES = {
    "workflows/review/brief.yaml": """
name: Weekly brief
on:
  manual:
  schedule: [{cron: '0 7 * * 1', timezone: Europe/Riga}]
inputs: {topic: {type: string, default: agents}}
agents:
  write:
    on: {any: [asked, draft.rejected]}
    max-turns: 2
    run: 'true'
    emits: [draft.ready]
  ask:
    run: 'true'
    emits: [asked]
  edit:
    on: draft.ready
    run: 'true'
    emits: [draft.rejected]
""",
}


@pytest.fixture
def broken(root):
    folder = root / "workflows"
    folder.mkdir()
    path = folder / "broken.yaml"
    path.write_text("agents:\n  one:\n    run: 'true'\n    on: two.finish\n")
    return path


def test_a_mistake_is_told_with_its_place_and_exit_code_3(chainwright, broken):
    done = chainwright("lint", str(broken))

    assert done.code == 3
    assert f"{broken}:4:9: error: " in done.out + done.err


def test_every_format_tells_the_same_place(chainwright, broken):
    listed = json.loads(chainwright("lint", "--format", "json", str(broken)).out)
    sarif = json.loads(chainwright("lint", "--format", "sarif", str(broken)).out)
    github = chainwright("lint", "--format", "github", str(broken)).out

    region = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"]) == (4, 9)
    assert "line=4,col=9" in github
    assert str(broken) in json.dumps(listed)


def test_what_is_not_supported_yet_is_refused_by_name(chainwright, broken):
    broken.write_text("agents:\n  one:\n    run: 'true'\nlimits: {tokens: 1}\n")

    done = chainwright("lint", str(broken))

    assert done.code == 3
    assert "not supported yet" in done.out + done.err


def test_a_path_that_does_not_exist_is_a_usage_error(chainwright):
    assert chainwright("lint", "/nowhere/at/all.yaml").code == 2


def test_a_graph_shows_who_starts_whom(daemon, chainwright):
    done = chainwright("graph", str(daemon.repository.path / "workflows/review/brief.yaml"))

    assert done.code == 0
    assert all(name in done.out for name in ("write", "edit", "draft.ready"))


@pytest.mark.parametrize("name", ["chain", "agent"])
def test_schemas_are_printed(chainwright, name):
    assert json.loads(chainwright("schema", name).out)["$schema"].startswith("https://json-schema.org/draft/2020-12")


def test_the_chains_in_force_are_listed_with_their_next_time(daemon, chainwright):
    (chain,) = [json.loads(line) for line in chainwright("chains", "--json").out.splitlines()]

    assert (chain["id"], chain["name"]) == ("review/brief", "Weekly brief")
    assert chain["commit"] == daemon.repository.git("rev-parse", "HEAD")
    assert chain["schedules"][0]["timezone"] == "Europe/Riga"
    assert chain["schedules"][0]["next"] > 0


def test_a_chain_in_a_folder_is_run_by_its_path(chainwright):
    assert chainwright("run", "review/brief", "--wait").code == 0


def test_version_names_client_and_daemon(chainwright):
    told = json.loads(chainwright("version", "--json").out)

    assert told == {"client": __version__, "daemon": __version__}
