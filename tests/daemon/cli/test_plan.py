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
