"""What a command line names is found on disk, and called as the caller called it."""

from pathlib import Path

import pytest

from chainwright.daemon.definition.named_files import Unusable
from chainwright.daemon.lint.folders import lint_paths, named_file


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    files = {
        "workflows/good.yaml": "agents: {a: {uses: agents/used}}",
        "workflows/team/bad.yaml": "agents: {a: {runs: x}}",
        "workflows/agents/used.yaml": "run: x",
        "workflows/agents/broken.yaml": "name: x",
        "other/stray.yaml": "agents: {a: {runs: x}}",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def paths(*given: Path) -> list[str]:
    return sorted({one.path for one in lint_paths(given).diagnostics})


def test_a_repository_is_its_folder_of_chains(repository: Path) -> None:
    assert paths(repository) == [
        str(repository / "workflows/agents/broken.yaml"),
        str(repository / "workflows/team/bad.yaml"),
    ]


def test_a_folder_without_one_is_taken_for_one(repository: Path) -> None:
    assert paths(repository / "workflows") == paths(repository)
    assert paths(repository / "other") == [str(repository / "other/stray.yaml")]


def test_a_file_is_linted_with_the_agents_that_it_names(repository: Path) -> None:
    result = lint_paths([repository / "workflows/good.yaml"])

    assert (list(result.chains), result.diagnostics) == (["good"], ())


def test_a_relative_path_stays_relative(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "workflows")

    assert paths(Path("team/bad.yaml")) == ["team/bad.yaml"]
    assert list(lint_paths([Path("team/bad.yaml")]).sources) == ["team/bad.yaml"]


def test_several_paths_give_one_answer(repository: Path) -> None:
    result = lint_paths([repository / "workflows/good.yaml", repository / "workflows/team/bad.yaml"])

    assert dict(result.chains) == {}
    assert {one.path for one in result.diagnostics} == {str(repository / "workflows/team/bad.yaml")}


def test_a_path_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        lint_paths([tmp_path / "missing.yaml"])


def test_a_file_that_calls_a_chain_is_linted_together_with_it(tmp_path: Path) -> None:
    """Whatever file that chain is in."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "part.yaml").write_text("id: other\non: call\nagents: {a: {run: ./a.sh}}\n")
    caller = tmp_path / "workflows" / "caller.yaml"
    caller.write_text("agents: {part: {uses: chains/other}}\n")

    assert lint_paths([caller]).diagnostics == ()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("schemas/x.json", ""),
        ("schemas/y.json", 'did you mean "schemas/x.json"?'),
        ("linked.json", "put the file itself there"),
        ("linked/x.json", "put the file itself there"),
    ],
)
def test_a_named_file_is_read_as_a_deployment_would(repository: Path, path: str, said: str) -> None:
    (repository / "schemas").mkdir()
    (repository / "schemas/x.json").write_text("{}")
    (repository / "linked.json").symlink_to("schemas/x.json")
    (repository / "linked").symlink_to("schemas")

    try:
        assert (named_file(repository, path), said) == (b"{}", "")
    except Unusable as unusable:
        assert unusable.hint == said
