"""``init``, ``schema``, ``graph``, ``lint``: what needs no daemon."""

import json
import subprocess
from typing import Any

import pytest

from chainwright.daemon.cli import init, schema


@pytest.fixture
def schemas(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """Two published schemas in a folder of their own."""
    for name in ("chain", "agent"):
        for twin in ("", ".draft-07"):
            (tmp_path / f"{name}{twin}.schema.json").write_text(json.dumps({"title": name + twin}))
    monkeypatch.setattr(schema.resources, "files", lambda _: tmp_path)
    return tmp_path


def test_a_schema_is_printed_as_it_is_published(run: Any, schemas: Any) -> None:
    assert json.loads(run("schema", "agent").out) == {"title": "agent"}
    assert json.loads(run("schema", "--draft-07").out) == {"title": "chain.draft-07"}


def test_an_unknown_schema_is_answered_with_those_there_are(run: Any, schemas: Any) -> None:
    done = run("schema", "chian")

    assert done.code == 2
    assert 'did you mean "chain"?; there are: agent, chain' in done.err


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemas of no account, where only their being written matters."""
    monkeypatch.setattr(init, "published", lambda name, draft_07: f"{name} {draft_07}")


def git(folder: Any, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_init_makes_a_repository_with_everything_committed(run: Any, texts: None, tmp_path: Any) -> None:
    done = run("init", str(tmp_path / "mine"))

    assert done.code == 0
    assert git(tmp_path / "mine", "status", "--porcelain") == ""
    assert sorted(git(tmp_path / "mine", "ls-files").split()) == [
        ".chainwright/agent.schema.json",
        ".chainwright/chain.schema.json",
        "workflows/agents/greeter.yaml",
        "workflows/hello.yaml",
    ]
    assert git(tmp_path / "mine", "branch", "--show-current") == "main\n"


@pytest.mark.parametrize("name", ["hello.yaml", "agents/greeter.yaml"])
def test_the_modeline_leads_to_the_schema(run: Any, texts: None, tmp_path: Any, name: str) -> None:
    run("init", str(tmp_path))

    file = tmp_path / "workflows" / name
    first = file.read_text().splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (file.parent / first.partition("=")[2]).is_file()


def test_in_a_repository_init_commits_nothing(run: Any, texts: None, tmp_path: Any) -> None:
    git(tmp_path, "init", "--quiet")

    done = run("init", str(tmp_path))

    assert "commit them, then:" in done.err
    assert "workflows/" in git(tmp_path, "status", "--porcelain")


def test_init_overwrites_nothing(run: Any, texts: None, tmp_path: Any) -> None:
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "hello.yaml").write_text("mine")

    done = run("init", str(tmp_path))

    assert done.code == 7
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["hello.yaml"]


@pytest.mark.parametrize("form", ["tree", "mermaid", "json"])
def test_a_deployed_chain_and_its_file_are_drawn_alike(run: Any, scripted: Any, tmp_path: Any, form: str) -> None:
    run("init", str(tmp_path))
    file = str(tmp_path / "workflows" / "hello.yaml")
    compiled = json.loads(run("graph", file, "--json").out)

    async def chain(_: Any, name: str, *, ref: str | None) -> Any:
        return compiled | {"commit": ref}

    scripted.chain = chain

    drawn = [run("graph", name, "--ref", "v1", "--format", form).out for name in (file, "team/hello")]

    assert drawn[0] == drawn[1] != ""


def test_what_init_writes_lints_clean(run: Any, tmp_path: Any) -> None:
    run("init", str(tmp_path))

    done = run("lint", str(tmp_path))

    assert (done.code, done.out) == (0, "")


@pytest.fixture
def broken(tmp_path: Any) -> Any:
    """A chain file with one error."""
    file = tmp_path / "broken.yaml"
    file.write_text("agents:\n  a:\n    run: 'true'\n    needs: nobody\n")
    return file


def test_lint_ends_with_3_on_an_error(run: Any, broken: Any) -> None:
    done = run("lint", str(broken))

    assert (done.code, done.err) == (3, "1 error\n")
    assert done.out.startswith(f"{broken}:4:")
    assert "[needs-unknown]" in done.out


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_lint_speaks_to_machines(run: Any, broken: Any, form: str) -> None:
    assert "needs-unknown" in run("lint", str(broken), "--format", form).out


def test_lint_looks_here_unless_told(run: Any, broken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(broken.parent)

    assert json.loads(run("lint", "--json").out)["diagnostics"][0]["path"] == "broken.yaml"


def test_a_path_that_is_none_is_a_usage_error(run: Any) -> None:
    assert run("lint", "/no/such/file").code == 2


def test_a_chain_that_does_not_load_is_not_drawn(run: Any, broken: Any) -> None:
    done = run("graph", str(broken))

    assert (done.code, f"chainwright lint {broken}" in done.err) == (3, True)


@pytest.fixture
def misspelt(tmp_path: Any) -> Any:
    """A chain file that can be mended, but for one error."""
    file = tmp_path / "misspelt.yaml"
    file.write_text("agents:\n  a:\n    runs: 'true'  # ours\n    needs: nobody\n")
    file.chmod(0o640)
    return file


def test_lint_fix_mends_says_so_and_checks_what_is_left(run: Any, misspelt: Any) -> None:
    done = run("lint", "--fix", str(misspelt))

    assert misspelt.read_text() == "agents:\n  a:\n    run: 'true'  # ours\n    needs: nobody\n"
    assert misspelt.stat().st_mode & 0o777 == 0o640
    assert (done.code, done.err) == (3, f'{misspelt}:3:5: mended: unknown key "runs" [unknown-key]\n1 error\n')
    assert "[needs-unknown]" in done.out and "[unknown-key]" not in done.out


def test_lint_diff_shows_and_changes_nothing(run: Any, misspelt: Any) -> None:
    before = misspelt.read_text()

    done = run("lint", "--diff", str(misspelt))

    assert misspelt.read_text() == before
    assert "-    runs: 'true'  # ours\n+    run: 'true'  # ours\n" in done.out


def test_lint_mends_every_file_of_a_folder(run: Any, tmp_path: Any) -> None:
    chains = tmp_path / "workflows"
    (chains / "agents").mkdir(parents=True)
    (chains / "a.yaml").write_text("agents: {a: {uses: agents/b, wiht: {}}}\n")
    (chains / "agents" / "b.yaml").write_text("runs: x\n")

    assert run("lint", "--fix", str(tmp_path)).code == 0
    assert (chains / "agents" / "b.yaml").read_text() == "run: x\n"


def test_lint_does_not_mend_and_show_at_once(run: Any, misspelt: Any) -> None:
    assert run("lint", "--fix", "--diff", str(misspelt)).code == 2


def test_lint_explains_a_rule(run: Any) -> None:
    done = run("lint", "--explain", "inject-shell")

    assert done.code == 0
    assert done.out.startswith("inject-shell\n\nError. ") and "Wrong:" in done.out and "Right:" in done.out


def test_a_rule_that_does_not_exist_is_answered_with_the_nearest(run: Any) -> None:
    done = run("lint", "--explain", "inject-shel")

    assert (done.code, 'did you mean "inject-shell"?' in done.err) == (2, True)
