"""Only commits that an allowed signer has signed deploy, where the operator asks for it."""

import subprocess

import pytest

SAY = "agents:\n  say:\n    run: echo version one\n"
CONFIG = """
repositories:
  chains: {signers: "{root}/signers", away: static}
"""


@pytest.fixture
def keys(root):
    """Two keys, of which one is allowed."""
    for name in ("ada", "eve"):
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(root / name)]
        subprocess.run(words, check=True, timeout=20)
    (root / "signers").write_text(f"ada@example.org {(root / 'ada.pub').read_text()}")
    return root


@pytest.fixture
def push_signed(keys, configured, clone):
    """Pushes a commit signed with a key, or with none."""
    someone = clone(configured.client.items("/repositories")[0]["path"])

    def push(key):
        someone.commit({"workflows/say.yaml": SAY, "note": str(key)})
        signing = ["-c", "gpg.format=ssh", "-c", f"user.signingKey={keys / key}"] if key else []
        someone.git(*signing, "commit", "--quiet", "--amend", "--no-edit", "--gpg-sign" if key else "--no-gpg-sign")
        done = someone.push("HEAD:main")
        return done, someone.git("rev-parse", "HEAD")

    return push


def test_an_allowed_signers_commit_is_deployed(push_signed, configured):
    done, commit = push_signed("ada")

    assert done.code == 0, done.err
    assert configured.client.items("/deployments")[0]["commit"] == commit


@pytest.mark.parametrize("key", [None, "eve"])
def test_any_other_commit_is_refused(push_signed, configured, key):
    done, _ = push_signed(key)

    assert done.code == 1
    assert "not signed by an allowed signer" in done.err
    assert configured.client.items("/deployments")[0]["commit"] is None


@pytest.mark.parametrize(("key", "code"), [("ada", 0), ("eve", 1)])
def test_the_hook_checks_by_itself_while_the_daemon_is_away_and_deploys_once_it_is_back(
    push_signed, configured, by_and_by, key, code
):
    configured.stop()
    done, commit = push_signed(key)
    configured.start()

    assert done.code == code
    assert "checked by the hook alone" in done.err
    by_and_by(lambda: configured.client.items("/deployments")[0]["commit"] == (commit if code == 0 else None))
