"""What is a question of an agent's, and what only looks like one."""

import pytest

from chainwright.daemon.core.attention import (
    EXCERPT_CHARS,
    HELD_S,
    IDLE_S,
    QUIET_S,
    Attention,
    Signs,
    cause_of,
    excerpt_of,
    is_cleared_by_output,
)


def seen(asked="", *above, quiet_s=QUIET_S, **more):
    """A terminal whose cursor stands behind a line."""
    return Signs(quiet_s=quiet_s, lines=(*above, asked), asked=asked, **more)


QUESTIONS = [
    "Password:",
    "Password: ",
    "[sudo] password for ada: ",
    "Enter passphrase for key '/home/ada/.ssh/id_ed25519': ",
    "Username for 'https://github.com': ",
    "Continue? [y/N] ",
    "Do you want to continue? [Y/n]",
    "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
    "Overwrite existing file? (y/n/a)",
    "Press enter to continue",
    "Press any key to continue . . .".replace(" . . .", ""),
    "Hit RETURN when ready",
    "Allow this command?",
    "Do you want to make this edit to agents.py?",
    "Enter your name: ",
    "Select an option: ",
    "Verification code: ",
    "--More--",
    "(END)",
]


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_question_behind_which_the_cursor_stands_waits_for_somebody(asked):
    assert cause_of(seen(asked)) == "prompt"


@pytest.mark.parametrize("asked", QUESTIONS)
def test_while_output_goes_on_nothing_is_a_question(asked):
    assert cause_of(seen(asked, quiet_s=QUIET_S - 0.1, bell=True, title="waiting")) is None


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_line_that_has_ended_asks_nothing(asked):
    assert cause_of(Signs(quiet_s=3600.0, lines=(asked,), asked="")) is None


@pytest.mark.parametrize(
    "asked",
    [
        "Downloading 45%",
        "[####      ] 12/40",
        "Compiling ⠹",
        "building ...",
        "Waiting for the database…",
        "|",
        "fetching 3.2 MiB/s eta 00:10",
        "$",
        "ada@box:~$ ",
        ">>> ",
        "❯",
    ],
)
def test_what_is_written_over_or_a_bare_prompt_waits_for_nobody_however_long(asked):
    assert cause_of(seen(asked, quiet_s=86_400.0)) is None


@pytest.mark.parametrize(
    "asked",
    [
        "Collecting passwords of 10 users",
        "usage: tool [y/N] file",
        "the continue statement",
        "press release 5",
        "Overall",
    ],
)
def test_words_of_questions_in_a_line_are_none(asked):
    assert cause_of(seen(asked)) is None


@pytest.mark.parametrize(
    "chosen", ["❯ 1. Yes", "│ ❯ 1. Yes, allow once", "› Approve", "> 2) No, and tell what to do instead"]
)
def test_the_menu_of_a_coding_agent_is_a_question_wherever_the_cursor_is(chosen):
    lines = ("Do you want to run `rm -rf build`?", chosen, "  2. No")

    assert cause_of(Signs(quiet_s=QUIET_S, lines=lines, asked="")) == "prompt"


def test_a_bell_calls_somebody_once_it_is_quiet():
    assert cause_of(seen(bell=True)) == "bell"


@pytest.mark.parametrize(
    ("title", "cause"),
    [
        ("✳ Waiting for input", "title"),
        ("agent needs your approval", "title"),
        ("Ready?", "title"),
        ("vim notes.md", None),
    ],
)
def test_a_title_may_call_somebody(title, cause):
    assert cause_of(seen(title=title)) == cause


@pytest.mark.parametrize(("quiet_s", "cause"), [(IDLE_S - 1, None), (IDLE_S, "idle")])
def test_behind_a_line_that_has_not_ended_long_silence_is_waiting(quiet_s, cause):
    assert cause_of(seen("How many copies", quiet_s=quiet_s)) == cause


def test_an_excerpt_is_the_last_lines_that_say_something():
    lines = ("one", "", *(f"line {number}" for number in range(9)), "  ", "Password:")

    assert excerpt_of(lines).splitlines() == ["line 4", "line 5", "line 6", "line 7", "line 8", "Password:"]
    assert len(excerpt_of(("x" * 5_000,))) == EXCERPT_CHARS


def test_no_line_takes_long_to_judge():
    """Whatever an agent prints."""
    for line in ("(y/n" * 5_000, "press " * 5_000, "enter " + "a" * 50_000, "[" * 50_000, "continue " * 9_000):
        assert cause_of(seen(line, quiet_s=QUIET_S)) in (None, "prompt")


@pytest.mark.parametrize(
    ("cause", "after_s", "clears"), [("prompt", 0, True), ("disk-full", 1, False), ("disk-full", HELD_S, True)]
)
def test_output_says_that_somebody_was_answered_and_not_at_once_that_a_disk_has_room(cause, after_s, clears):
    raised = Attention(cause=cause, since=100.0, excerpt="")

    assert is_cleared_by_output(raised, 100.0 + after_s) is clears
