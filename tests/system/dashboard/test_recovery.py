"""A page outlives its daemon."""

FILES = {
    "workflows/count.yaml": """
agents:
  count:
    run: |
      echo line 1; echo line 2
      until [ -e go ]; do sleep 0.05; done
      echo line 3; echo line 4; echo the last line
  after: {needs: count, run: echo after}
"""
}


def test_a_page_outlives_its_daemon(play, paged):
    def go(_: None) -> None:
        """Let the agent go on, while nobody is there to see it."""
        (run,) = (paged.home.root / "runs").iterdir()
        (run / "workspace" / "go").touch()

    play("recovery.mjs", go=go)
