"""What the deployment is told of a tree."""

from chainwright.daemon.loading import load_tree


def test_what_keeps_it_from_loading_is_told_first() -> None:
    """A client that has room for one diagnostic shows the reason, not a warning."""
    warned = b"agents:\n  a: {run: 'true', emits: [unheard]}\n"
    wrong = b"agents:\n  a: {run: 'true', neds: b}\n"

    loaded = load_tree({"workflows/a.yaml": warned, "workflows/b.yaml": wrong})

    assert not loaded.ok
    assert loaded.diagnostics[0].startswith("workflows/b.yaml:2:20: error:")
    assert "event-unheard" in loaded.diagnostics[1]
