"""Names and output of others do nothing to the page, or to the agent."""

FILES = {
    "workflows/marked.yaml": """
name: <img src=x onerror="document.title='owned'">
agents:
  only:
    run: |
      chainwright emit boast --data '{"html": "<img src=x onerror=alert(1)>"}'
      echo '<img src=x onerror=alert(2)>'
    emits: [boast]
""",
    "workflows/asks.yaml": r"""
agents:
  asks:
    run: |
      stty -echo
      printf '\033[c\033[>c\033[6n\033[5n\033[?6n\033[?1$p\033P$qm\033\\\033]10;?\007\033]4;1;?\007\033[>q'
      printf '\033]0;owned\007\033]2;owned\007\033]52;c;c3RvbGVu\007\033]8;;javascript:alert(1)\033\\press me\033]8;;\033\\\n'
      echo asked
      read -r line
      printf 'heard: %s\n' "$(printf %s "$line" | od -An -tx1 | xargs)"
      sleep 600
""",
}


def test_what_others_write_does_nothing(play):
    play("hostile.mjs")
