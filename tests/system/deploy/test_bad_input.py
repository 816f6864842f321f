"""What a pusher should not push is refused with a diagnostic; nothing of it is executed or written."""

import os
import subprocess

import pytest

SAY = "agents:\n  say:\n    run: echo hello\n"


@pytest.fixture
def refused(hosting, pusher):
    """Pushes what a test has committed, and gives what its terminal showed; what was in force is in force still."""
    pusher.commit({"workflows/say.yaml": SAY})
    pusher.push("HEAD:main")
    before = hosting.client.items("/deployments")[0]["commit"]

    def push(commit="HEAD"):
        done = pusher.push("--no-recurse-submodules", f"{commit}:refs/heads/main")
        assert done.code == 1, done.err
        assert hosting.client.items("/deployments")[0]["commit"] == before
        return done.err

    yield push
    assert hosting.log(hosting.ended("say")["id"], "say") == "hello\n"


def test_a_chain_file_of_50_megabytes(pusher, refused):
    pusher.commit({"workflows/big.yaml": b"#" * (50 << 20)})

    assert "workflows/big.yaml:1:1: error: the file has 52,428,800 bytes" in refused()


def test_a_symbolic_link(pusher, refused):
    (pusher.path / "workflows/passwd.yaml").symlink_to("/etc/passwd")
    pusher.commit({})

    assert "workflows/passwd.yaml:1:1: error: a symbolic link is not followed" in refused()


def test_a_submodule(pusher, refused):
    pusher.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendor")
    pusher.git("commit", "--quiet", "--message", "Sub")

    assert "vendor:1:1: error: a submodule is not followed" in refused()


def test_a_policy_that_nobody_could_read(pusher, refused):
    """It would have a person asked about every change from then on, the one that mends it included."""
    pusher.commit({".chainwright/policy.yaml": "approvals: {hihg: {count: 1}}\n"})

    assert '.chainwright/policy.yaml:1:13: error: unknown key "hihg"' in refused()


def test_a_path_that_leaves_the_tree(pusher, refused):
    folder = bytes.fromhex(pusher.git("rev-parse", "HEAD:workflows"))
    made = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
        cwd=pusher.path,
        input=b"40000 ..\0" + folder,
        capture_output=True,
        check=True,
    )
    commit = pusher.git("commit-tree", "-p", "HEAD", "-m", "Out", made.stdout.decode().strip())

    assert "hasDotdot" in refused(commit)


@pytest.mark.parametrize("name", [b"new\nline.yaml", b"\xff.yaml"])
def test_a_name_that_does_not_print(pusher, refused, name):
    (pusher.path / "workflows" / os.fsdecode(name)).write_text(SAY)
    pusher.commit({})

    assert "the name holds characters that do not print" in refused()


def test_a_ref_that_could_be_an_option(pusher, hosting):
    pusher.commit({"workflows/say.yaml": SAY})
    done = pusher.push("HEAD:refs/heads/-oProxyCommand=touch")

    assert done.code == 1
    assert "begin with no dash" in done.err


@pytest.mark.parametrize("option", ["plan-onyl", "ci.skip"])
def test_a_push_option_that_means_nothing(pusher, refused, option):
    pusher.commit({"note": option})
    done = pusher.push(f"--push-option={option}", "HEAD:main")

    assert done.code == 1
    assert f'no push option "{option}"' in done.err
