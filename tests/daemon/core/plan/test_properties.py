"""What holds of every pair of versions: nothing differs from itself, no pair is too odd, no text breaks out of its quotes."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import jsonschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chainwright.daemon.core.graph import (
    Agent,
    Approval,
    Chain,
    Check,
    Concurrency,
    Emit,
    EventType,
    Input,
    Limits,
    Listen,
    Retry,
    Schedule,
    Step,
    Strategy,
    Verify,
    Webhook,
)
from chainwright.daemon.core.plan.comparing import compared
from chainwright.daemon.core.plan.estimates import History
from chainwright.daemon.core.plan.json import as_json
from chainwright.daemon.core.plan.markdown import MARKER, as_markdown
from chainwright.daemon.core.plan.policy import unreadable
from chainwright.daemon.core.plan.report import RunInFlight
from chainwright.daemon.core.plan.text import as_text
from chainwright.daemon.core.plan.version import Surroundings, Version
from chainwright.schemas.generate import schema

IDS = ("a", "b", "c", "d")
EVENTS = ("go", "done", "a.failed", "b.finished")
HOSTILE = (
    "",
    "x",
    "`",
    "``` x",
    "</details><b>",
    "\x1b[2J",
    "\u202e",
    "two\nlines",
    "{}",
    "${{ inputs.x }}",
    "|",
    "@all",
)

texts = st.sampled_from(HOSTILE) | st.text(max_size=12)
names = texts | st.just("\udcff")
"""As git may have them: bytes that are no UTF-8 stand in texts as halves of pairs."""
types = st.sampled_from(("string", "number", "choice", "json"))
payloads = st.none() | st.dictionaries(st.sampled_from(("x", "y")), types, max_size=2)
seconds = st.sampled_from((1.0, 90.0, 3_600.0, 86_400.0))


def some(values, most=3):
    return st.lists(st.sampled_from(values), unique=True, max_size=most).map(tuple)


listens = st.builds(
    Listen,
    mode=st.sampled_from(("any", "all", "quorum", "first")),
    names=some(EVENTS).filter(bool),
    count=st.integers(1, 3),
)
approvals = st.builds(
    Approval,
    by=some(("ada", "team:ops", "eve")),
    count=st.integers(1, 3),
    timeout_s=st.none() | seconds,
    on_timeout=st.sampled_from(("reject", "approve")),
    message=texts,
)
groups = st.builds(Concurrency, group=st.none() | texts, max=st.integers(1, 3))
agents = st.builds(
    Agent,
    id=st.just(""),
    name=texts,
    needs=some(IDS),
    listens=st.none() | listens,
    condition=st.none() | texts,
    script=st.none() | texts,
    steps=st.lists(st.builds(Step, script=texts, timeout_s=st.none() | seconds), max_size=2).map(tuple),
    env=st.dictionaries(st.sampled_from(("A", "B")), texts, max_size=2),
    secrets=some(("KEY", "TOKEN")),
    with_=st.dictionaries(st.sampled_from(("x", "y")), texts | st.integers() | st.lists(texts, max_size=2), max_size=2),
    uses=st.none()
    | st.sampled_from(("agents/x", "git+https://example.org/x//y@main", "git+https://example.org/x//y@" + "a" * 40)),
    outputs=st.dictionaries(st.sampled_from(("x", "y")), types, max_size=2),
    emits=some(EVENTS[:2]).flatmap(
        lambda names: st.fixed_dictionaries(
            {name: st.builds(Emit, name=st.just(name), payload=payloads) for name in names}
        )
    ),
    checks=st.lists(st.builds(Check, script=texts), max_size=2).map(tuple),
    retry=st.builds(Retry, max=st.integers(0, 3)),
    max_turns=st.none() | st.integers(1, 5),
    timeout_s=seconds,
    idle_timeout_s=st.none() | seconds,
    continue_on_error=st.booleans(),
    strategy=st.none() | st.builds(Strategy, matrix=st.dictionaries(texts, st.lists(texts, max_size=2), max_size=2)),
    approval=st.none() | approvals,
    concurrency=st.none() | groups,
)
inputs = st.builds(
    Input,
    name=st.sampled_from(("x", "y")),
    type=types,
    required=st.booleans(),
    default=st.none() | texts,
    options=some(("p", "q")),
    pattern=st.none() | texts,
    min=st.none() | st.integers(0, 3),
    max=st.none() | st.integers(0, 3),
)
schedules = st.builds(
    Schedule,
    id=st.just("s"),
    cron=st.sampled_from(("@daily", "30 3 * * *", "0 0 29 2 *", "no cron")),
    timezone=st.sampled_from(("UTC", "Europe/Riga", "No/Where")),
)


webhooks = st.builds(
    Webhook,
    id=texts,
    verify=st.builds(
        Verify, scheme=st.sampled_from(("github", "token")), secrets=some(("A", "B")), tolerance_s=seconds
    ),
    condition=st.none() | texts,
)


def chain_named(name: str) -> st.SearchStrategy[Chain]:
    return st.builds(
        _chain,
        st.just(name),
        st.dictionaries(st.sampled_from(IDS), agents, min_size=1, max_size=4),
        name=texts,
        description=texts,
        path=names,
        callable=st.booleans(),
        schedules=st.lists(schedules, max_size=2).map(tuple),
        webhooks=st.lists(webhooks, max_size=1).map(tuple),
        inputs=st.lists(inputs, max_size=2, unique_by=lambda one: one.name).map(tuple),
        outputs=st.dictionaries(st.sampled_from(("x", "y")), texts, max_size=2),
        events=st.dictionaries(st.sampled_from(EVENTS[:2]), st.builds(EventType, payload=payloads), max_size=2),
        limits=st.builds(Limits, turns=st.integers(1, 9), on_limit=st.sampled_from(("fail", "pause", "notify"))),
        concurrency=st.none() | groups,
    )


def _chain(chain_id, given, **fields) -> Chain:
    return Chain(id=chain_id, agents={key: _named(agent, key) for key, agent in given.items()}, **fields)


def _named(agent: Agent, name: str) -> Agent:
    return replace(agent, id=name)


files = st.dictionaries(
    st.sampled_from(("a.sh", "agents/x.py", "README.md", ".chainwright/policy.yaml", "\udcff")), st.sampled_from("12")
)
versions = st.builds(
    lambda chains, files, revision: Version(revision=revision, chains={one.id: one for one in chains}, files=files),
    st.tuples(*(chain_named(name) for name in ("one", "two"))) | st.tuples(chain_named("one")) | st.just(()),
    files,
    names,
)
AROUND = Surroundings(
    now=1_774_000_000.0,
    policies=(unreadable("`x`"),),
    runs=(RunInFlight(id="r", chain="one", commit="c", state="running"),),
    history={"one": History(durations_s=(1.0, 100.0))},
)
SOME = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@SOME
@given(versions)
def test_nothing_differs_from_itself(version):
    plan = compared(version, version, AROUND)

    assert plan.is_empty
    assert plan.approvals == plan.violations == plan.runs == plan.estimates == ()


@SOME
@given(versions, versions)
def test_every_pair_has_a_plan_that_breaks_out_of_no_form(base, head):
    """The judge of the comment is a Markdown renderer that lets HTML through, which no forge does."""
    plan = compared(base, head, AROUND)
    page = _Elements()
    page.feed(MarkdownIt("commonmark", {"html": True}).render(as_markdown(plan)))

    assert page.found <= OURS
    assert page.comments == [MARKER.removeprefix("<!--").removesuffix("-->")]
    assert all(line.isprintable() for line in as_text(plan).split("\n"))
    jsonschema.Draft202012Validator(schema("plan")).validate(json.loads(as_json(plan)))
    assert [one.risk.rank for one in plan.widening] == sorted((one.risk.rank for one in plan.widening), reverse=True)
    assert {one.id for one in plan.chains if one.kind == "added"} <= head.chains.keys() - base.chains.keys()


OURS = {"h3", "h4", "ul", "li", "p", "strong", "em", "code", "pre", "details", "summary"}


class _Elements(HTMLParser):
    """The elements and comments of a page, none of them known to hold text that is not read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.comments: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)

    def handle_comment(self, data):
        self.comments.append(data)
