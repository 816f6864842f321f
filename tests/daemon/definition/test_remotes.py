"""Which references to agents of other repositories mean something, and what is said of the others."""

import pytest

from chainwright.daemon.definition.remotes import BadReference, Remote, parsed

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("reference", "url", "path"),
    [
        ("git+https://git.example.org/a/b//agents/x", "https://git.example.org/a/b", "agents/x"),
        ("git+https://git.example.org:8443/a.git//x.yaml", "https://git.example.org:8443/a.git", "x.yaml"),
        ("git+ssh://git@git.example.org/a//deep/er/x", "ssh://git@git.example.org/a", "deep/er/x"),
        ("git+file:///srv/git/a//x", "file:///srv/git/a", "x"),
        ("git+/srv/git/a//x@y", "/srv/git/a", "x@y"),
    ],
)
def test_a_pinned_reference_is_address_path_and_commit(reference: str, url: str, path: str) -> None:
    assert parsed(f"{reference}@{COMMIT}") == Remote(url=url, path=path, commit=COMMIT)


@pytest.mark.parametrize("named", ["main", "v1.2", COMMIT[:12], COMMIT + "0", "", None])
def test_only_a_whole_commit_pins(named: str | None) -> None:
    with pytest.raises(BadReference) as refused:
        parsed("git+ssh://git@git.example.org/a//x" + (f"@{named}" if named is not None else ""))

    assert refused.value.rule == "unpinned-remote"
    assert refused.value.hint.startswith("git+ssh://git@git.example.org/a//x@<40-digit commit>, as git ")


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c x//y",
        "ext://sh//y",
        "http://git.example.org/a//y",
        "git://git.example.org/a//y",
        "https://ada:secret@git.example.org/a//y",
        "ssh://-oProxyCommand=x/a//y",
        "ssh://-x@git.example.org/a//y",
        "file://relative//y",
        "relative//y",
        "--upload-pack=x//y",
        "https://git.example.org/a",
        "https://git.example.org/a//../y",
        "https://git.example.org/a//b/./y",
        "https://git.example.org/a//-y",
        "https://git.example.org/a//b//y",
        "https://git.example.org/a//",
    ],
)
def test_other_addresses_and_paths_are_refused(address: str) -> None:
    with pytest.raises(BadReference) as refused:
        parsed(f"git+{address}@{COMMIT}")

    assert refused.value.rule == "remote-unusable"
