"""Every rule there is: those that think, each in a file below ``rules``, and the trivial ones that the loader reports itself."""

from dataclasses import dataclass
from typing import Final

from chainwright.daemon.lint.rule import Rule
from chainwright.daemon.lint.rules.agent_unreachable import AgentUnreachable
from chainwright.daemon.lint.rules.cron_dst import CronDst
from chainwright.daemon.lint.rules.cron_invalid import CronInvalid
from chainwright.daemon.lint.rules.cron_never import CronNever
from chainwright.daemon.lint.rules.cron_too_often import CronTooOften
from chainwright.daemon.lint.rules.cycle_unbounded import CycleUnbounded
from chainwright.daemon.lint.rules.event_never import EventNever
from chainwright.daemon.lint.rules.event_payload import EventPayload
from chainwright.daemon.lint.rules.event_reserved import EventReserved
from chainwright.daemon.lint.rules.event_unheard import EventUnheard
from chainwright.daemon.lint.rules.expr_availability import ExprAvailability
from chainwright.daemon.lint.rules.expr_syntax import ExprNotSupported, ExprSyntax, ExprUnknownFunction
from chainwright.daemon.lint.rules.expr_unknown_context import ExprUnknownContext
from chainwright.daemon.lint.rules.fanout_unbounded import FanoutUnbounded
from chainwright.daemon.lint.rules.inject_shell import InjectShell
from chainwright.daemon.lint.rules.input_type import InputType
from chainwright.daemon.lint.rules.input_unknown import InputUnknown, VarUnknown
from chainwright.daemon.lint.rules.join_choices import JoinChoices
from chainwright.daemon.lint.rules.join_starves import JoinStarves
from chainwright.daemon.lint.rules.matrix_invalid import MatrixInvalid
from chainwright.daemon.lint.rules.needs_cycle import NeedsCycle
from chainwright.daemon.lint.rules.needs_in_event_cycle import NeedsInEventCycle
from chainwright.daemon.lint.rules.needs_self import NeedsSelf
from chainwright.daemon.lint.rules.needs_unknown import NeedsUnknown
from chainwright.daemon.lint.rules.output_unknown import OutputUnknown
from chainwright.daemon.lint.rules.tz_unknown import TzUnknown
from chainwright.schemas.diagnostic import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A rule as the documentation and SARIF name it."""

    name: str
    severity: Severity
    doc: str


RULES: Final[tuple[Rule, ...]] = (
    NeedsUnknown(),
    NeedsSelf(),
    NeedsCycle(),
    NeedsInEventCycle(),
    EventNever(),
    EventUnheard(),
    EventPayload(),
    EventReserved(),
    AgentUnreachable(),
    JoinStarves(),
    JoinChoices(),
    CycleUnbounded(),
    FanoutUnbounded(),
    MatrixInvalid(),
    CronInvalid(),
    CronNever(),
    CronTooOften(),
    CronDst(),
    TzUnknown(),
    ExprSyntax(),
    ExprUnknownContext(),
    ExprUnknownFunction(),
    ExprAvailability(),
    ExprNotSupported(),
    OutputUnknown(),
    InputUnknown(),
    VarUnknown(),
    InputType(),
    InjectShell(),
)

_OF_FORM: Final = {
    "yaml-syntax": "The file is not YAML as it is used here.",
    "json-syntax": "The file is not JSON.",
    "yaml-dup-key": "A key is given twice.",
    "yaml-limits": "The file is larger, deeper or more entangled than a definition may be.",
    "unknown-key": "A key does not exist there.",
    "missing-key": "Something that has to be there is missing.",
    "wrong-type": "A value is of another kind than it must be.",
    "gha-key": "A word of GitHub Actions is called otherwise here.",
    "uses-unknown": "A reusable agent does not exist.",
    "uses-clash": "An agent contradicts the reusable agent that it is.",
    "input-missing": "A required input of a reusable agent is not given.",
    "chain-duplicate": "Two files define the same chain.",
}

IGNORE_UNUSED: Final = "ignore-unused"

ENTRIES: Final[tuple[Entry, ...]] = (
    *(Entry(name=name, severity=Severity.ERROR, doc=doc) for name, doc in _OF_FORM.items()),
    *(Entry(name=rule.name, severity=rule.severity, doc=rule.doc) for rule in RULES),
    Entry(name=IGNORE_UNUSED, severity=Severity.NOTE, doc="A lint: ignore matches nothing that could be ignored."),
)
"""Every rule, in the order of the documentation."""
