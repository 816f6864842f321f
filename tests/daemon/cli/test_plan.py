"""``plan`` without a daemon: what it takes for a change, and how it ends."""

import subprocess
from pathlib import Path

import pytest

from chainwright.daemon.cli.main import main
from chainwright.daemon.core.plan.markdown import MARKER
from chainwright.schemas.plan import PlanView

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


def git(repo: Path, *arguments: str) -> None:
    subprocess.run([*GIT, *arguments], cwd=repo, check=True, capture_output=True, timeout=30)


def commit(repo: Path, chain: str) -> None:
    (repo / "workflows").mkdir(exist_ok=True)
    (repo / "workflows" / "chain.yaml").write_text(chain)
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message", "a change")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """The branch main with a chain, the branch feature with another form of it, the branch broken with none."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, "agents: {a: {run: ./one.sh}}")
    git(tmp_path, "checkout", "--quiet", "-b", "feature")
    commit(tmp_path, "agents: {a: {run: ./two.sh}}")
    git(tmp_path, "checkout", "--quiet", "-b", "broken")
    commit(tmp_path, "agents: {a: {runs: ./two.sh}}")
    return tmp_path


def test_a_range_is_planned(repo, capfd):
    assert main(["plan", "main..feature", "--repo", str(repo)]) == 0
    assert "run: ./one.sh -> ./two.sh" in capfd.readouterr().out


def test_a_head_that_does_not_load_ends_with_3(repo, capfd):
    assert main(["plan", "main..broken", "--repo", str(repo)]) == 3
    assert 'unknown key "runs"' in capfd.readouterr().out


@pytest.mark.parametrize(
    "change", ["main..nowhere", "nowhere..main", "-x..main", "main..-x", "main...-x", "x\ty..main"]
)
def test_unknown_revisions_end_with_4(repo, capfd, change):
    assert main(["plan", "--repo", str(repo), "--", change]) == 4
    assert "error:" in capfd.readouterr().err


def test_a_side_that_is_left_out_is_head(repo, capfd):
    assert main(["plan", "main..", "--repo", str(repo)]) == 3
    assert main(["plan", "..main", "--repo", str(repo)]) == 0
    assert capfd.readouterr().out


def test_without_a_base_it_is_what_is_deployed(repo, capfd):
    assert main(["plan", "feature", "--repo", str(repo)]) == 4
    git(repo, "update-ref", "refs/chains/deployed/main", "main")

    assert main(["plan", "feature", "--repo", str(repo)]) == 0
    assert "run: ./one.sh -> ./two.sh" in capfd.readouterr().out


def test_a_folder_without_a_repository_ends_with_4(tmp_path, capfd):
    assert main(["plan", "a..b", "--repo", str(tmp_path)]) == 4
    assert "not a git repository" in capfd.readouterr().err


def test_it_comes_as_json_and_as_markdown(repo, capfd):
    assert main(["plan", "main..feature", "--json", "--repo", str(repo)]) == 0
    assert PlanView.model_validate_json(capfd.readouterr().out).chains[0].id == "chain"
    assert main(["plan", "main..feature", "--format", "markdown", "--repo", str(repo)]) == 0
    assert capfd.readouterr().out.startswith(MARKER)


def test_what_the_policy_forbids_ends_with_5(repo, capfd):
    git(repo, "checkout", "--quiet", "main")
    (repo / ".chainwright").mkdir()
    (repo / ".chainwright" / "policy.yaml").write_text("secrets: [{names: [KEY], branches: [release]}]")
    commit(repo, "agents: {a: {run: ./one.sh}}")
    git(repo, "checkout", "--quiet", "-b", "greedy")
    commit(repo, "agents: {a: {run: ./one.sh, secrets: [KEY]}}")

    assert main(["plan", "main..greedy", "--repo", str(repo)]) == 5
    assert main(["plan", "main..greedy", "--branch", "release", "--repo", str(repo)]) == 0
    assert "forbidden by the policy" in capfd.readouterr().out


def test_the_operators_policy_judges_beside_that_of_the_base(repo, capfd, tmp_path_factory):
    operators = tmp_path_factory.mktemp("operator")
    (operators / "policy.yaml").write_text("secrets: [{names: ['*'], files: [workflows/other.yaml]}]")
    (operators / "chainwright.yaml").write_text(f"policy: {operators}/policy.yaml")
    git(repo, "checkout", "--quiet", "main")
    git(repo, "checkout", "--quiet", "-b", "greedy")
    commit(repo, "agents: {a: {run: ./one.sh, secrets: [KEY]}}")
    command = ["--config", str(operators / "chainwright.yaml"), "plan", "main..greedy", "--repo", str(repo)]

    assert main(command) == 5
    (operators / "policy.yaml").write_text("secret: []")
    assert main(command) == 2
    assert 'unknown key "secret"' in capfd.readouterr().err


def test_what_is_not_committed_yet_is_planned_and_left_as_it_is(repo, capfd):
    """Changed, staged, new and deleted files; none that git ignores; against HEAD or another commit. git's own state stays."""
    git(repo, "checkout", "--quiet", "main")
    (repo / ".gitignore").write_text("ignored.sh\n")
    commit(repo, "agents: {a: {run: ./one.sh}}")
    (repo / "workflows" / "chain.yaml").write_text("agents: {a: {run: ./three.sh}}")
    (repo / "staged.sh").write_text("x")
    git(repo, "add", "staged.sh")
    (repo / "new.sh").write_text("x")
    (repo / "ignored.sh").write_text("x")
    (repo / ".gitignore").rename(repo / "gone")
    (repo / ".git" / "info" / "exclude").write_text("ignored.sh\n")
    before = state(repo)

    assert main(["plan", "--working-tree", "--repo", str(repo / "workflows")]) == 0
    told = capfd.readouterr().out
    assert "run: ./one.sh -> ./three.sh" in told
    assert "the working tree" in told
    assert {name: name in told for name in ("staged.sh", "new.sh", "gone", "ignored.sh")} == {
        "staged.sh": True,
        "new.sh": True,
        "gone": True,
        "ignored.sh": False,
    }
    assert main(["plan", "--working-tree", "feature", "--repo", str(repo)]) == 0
    assert "run: ./two.sh -> ./three.sh" in capfd.readouterr().out
    assert state(repo) == before


def state(repo: Path) -> tuple[str, list[str]]:
    """What git says has changed, and its objects."""
    status = subprocess.run(["git", "status", "--porcelain"], cwd=repo, check=True, capture_output=True, timeout=30)
    return status.stdout.decode(), sorted(path.name for path in (repo / ".git" / "objects").rglob("*"))


def test_a_working_tree_that_does_not_load_or_is_forbidden_says_so(repo, capfd):
    git(repo, "checkout", "--quiet", "main")
    (repo / ".chainwright").mkdir()
    (repo / ".chainwright" / "policy.yaml").write_text("secrets: [{names: [KEY], branches: [release]}]")
    commit(repo, "agents: {a: {run: ./one.sh}}")
    chain = repo / "workflows" / "chain.yaml"
    chain.write_text("agents: {a: {run: ./one.sh, secrets: [KEY]}}")

    assert main(["plan", "--working-tree", "--repo", str(repo)]) == 5
    chain.write_text("agents: {a: {runs: ./one.sh}}")
    assert main(["plan", "--working-tree", "--repo", str(repo)]) == 3
    assert "workflows/chain.yaml:1:14" in capfd.readouterr().out


@pytest.mark.parametrize("words", [["--working-tree", "main..feature"], []])
def test_what_cannot_be_meant_is_a_mistake_of_usage(repo, capfd, words):
    assert main(["plan", *words, "--repo", str(repo)]) == 2
    assert "BASE" in capfd.readouterr().err


def test_a_bare_repository_has_no_working_tree(tmp_path, capfd):
    git(tmp_path, "init", "--quiet", "--bare")

    assert main(["plan", "--working-tree", "--repo", str(tmp_path)]) == 4
    assert "--working-tree wants a clone" in capfd.readouterr().err
