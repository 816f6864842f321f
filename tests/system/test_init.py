"""`chainwright init`: what it writes lints clean, deploys and runs."""

import json

from chainwright.daemon.config import Home


def test_the_first_chain_is_clean_and_runs(own_daemon, command, root):
    folder = root / "mine"

    assert command(own_daemon.home, "init", str(folder)).code == 0
    assert command(own_daemon.home, "lint", str(folder)).code == 0
    own_daemon.stop()
    own_daemon.start("--repo", str(folder))
    detail = json.loads(command(own_daemon.home, "run", "hello", "-i", "who=you", "--wait", "--json").out)

    assert detail["outcome"] == "succeeded"
    assert "Hello, you!" in own_daemon.log(detail["id"], "greet")
    assert "I heard: Hello, you!" in own_daemon.log(detail["id"], "reply")
    assert "workflows" in own_daemon.log(detail["id"], "note")


def test_nothing_is_overwritten(command, root):
    home, folder = Home(root / "nothing"), root / "mine"
    command(home, "init", str(folder))
    chain = folder / "workflows" / "hello.yaml"
    chain.write_text("mine\n")

    done = command(home, "init", str(folder))

    assert done.code == 7
    assert chain.read_text() == "mine\n"
