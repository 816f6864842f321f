"""What happens is seen when it happens."""

FILES = {
    "workflows/pair.yaml": """
agents:
  first: {run: echo one, emits: [done]}
  second: {needs: first, run: echo two}
""",
    "workflows/ask.yaml": """
agents:
  ask:
    run: |
      echo "name?"
      read -r name
      echo "hello $name"
  then: {needs: ask, run: echo after}
""",
    "workflows/stuck.yaml": "agents:\n  stuck: {run: \"trap 'echo heard' INT; echo ready; while true; do sleep 0.1 || true; done\"}\n",
}


def test_lists_graphs_and_terminals_are_live(play):
    play("live.mjs")
