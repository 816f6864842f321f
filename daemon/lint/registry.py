"""Every rule there is: those that think, each in a file below ``rules``, and the trivial ones that the loader reports itself."""

from typing import Final

from chainwright.daemon.lint.form_rules import FORM_RULES
from chainwright.daemon.lint.listening import LISTENING_RULES
from chainwright.daemon.lint.rule import Entry, Rule
from chainwright.daemon.lint.rules.agent_unreachable import AgentUnreachable
from chainwright.daemon.lint.rules.approval_missing import ApprovalMissing
from chainwright.daemon.lint.rules.concurrency_none import ConcurrencyNone
from chainwright.daemon.lint.rules.contains_substring import ContainsSubstring
from chainwright.daemon.lint.rules.cron_dst import CronDst
from chainwright.daemon.lint.rules.cron_invalid import CronInvalid
from chainwright.daemon.lint.rules.cron_jitter import CronJitter
from chainwright.daemon.lint.rules.cron_never import CronNever
from chainwright.daemon.lint.rules.cron_too_often import CronTooOften
from chainwright.daemon.lint.rules.cycle_skipped import CycleSkipped
from chainwright.daemon.lint.rules.cycle_unbounded import CycleUnbounded
from chainwright.daemon.lint.rules.event_never import EventNever
from chainwright.daemon.lint.rules.event_payload import EventPayload
from chainwright.daemon.lint.rules.event_reserved import EventReserved
from chainwright.daemon.lint.rules.event_unheard import EventUnheard
from chainwright.daemon.lint.rules.expr_availability import ExprAvailability
from chainwright.daemon.lint.rules.expr_syntax import (
    ExprArity,
    ExprSyntax,
    ExprUnknownFunction,
    IfText,
)
from chainwright.daemon.lint.rules.expr_type import ExprType
from chainwright.daemon.lint.rules.expr_unknown_context import ExprUnknownContext
from chainwright.daemon.lint.rules.fanout_unbounded import FanoutUnbounded
from chainwright.daemon.lint.rules.finish_unreachable import FinishUnreachable
from chainwright.daemon.lint.rules.glob_invalid import GlobInvalid
from chainwright.daemon.lint.rules.host_shared import HostShared
from chainwright.daemon.lint.rules.if_constant import IfConstant
from chainwright.daemon.lint.rules.inject_env_file import InjectEnvFile
from chainwright.daemon.lint.rules.inject_prompt import InjectPrompt
from chainwright.daemon.lint.rules.inject_shell import InjectShell
from chainwright.daemon.lint.rules.input_type import InputType
from chainwright.daemon.lint.rules.input_unknown import InputUnknown, VarUnknown
from chainwright.daemon.lint.rules.input_unused import InputUnused
from chainwright.daemon.lint.rules.join_choices import JoinChoices
from chainwright.daemon.lint.rules.join_starves import JoinStarves
from chainwright.daemon.lint.rules.matrix_invalid import MatrixInvalid
from chainwright.daemon.lint.rules.needs_cycle import NeedsCycle
from chainwright.daemon.lint.rules.needs_in_event_cycle import NeedsInEventCycle
from chainwright.daemon.lint.rules.needs_self import NeedsSelf
from chainwright.daemon.lint.rules.needs_unknown import NeedsUnknown
from chainwright.daemon.lint.rules.output_unknown import OutputUnknown
from chainwright.daemon.lint.rules.output_unused import OutputUnused
from chainwright.daemon.lint.rules.remote_unfetched import RemoteUnfetched
from chainwright.daemon.lint.rules.retry_not_idempotent import RetryNotIdempotent
from chainwright.daemon.lint.rules.schedule_duplicate import ScheduleDuplicate
from chainwright.daemon.lint.rules.schedule_inputs import ScheduleInputs
from chainwright.daemon.lint.rules.secret_argv import SecretArgv
from chainwright.daemon.lint.rules.secret_broad import SecretBroad
from chainwright.daemon.lint.rules.secret_literal import SecretLiteral
from chainwright.daemon.lint.rules.secret_unlisted import SecretUnlisted
from chainwright.daemon.lint.rules.step_duplicate import StepDuplicate
from chainwright.daemon.lint.rules.taint_host import TaintHost
from chainwright.daemon.lint.rules.taint_path import TaintPath
from chainwright.daemon.lint.rules.template_object import TemplateObject
from chainwright.daemon.lint.rules.ternary_falsy import TernaryFalsy
from chainwright.daemon.lint.rules.trigger_input import TriggerInput
from chainwright.daemon.lint.rules.tz_unknown import TzUnknown
from chainwright.daemon.lint.rules.webhook_actor import WebhookActor
from chainwright.daemon.lint.rules.webhook_unverified import WebhookUnverified
from chainwright.schemas.diagnostic import Severity

RULES: Final[tuple[Rule, ...]] = (
    NeedsUnknown(),
    NeedsSelf(),
    NeedsCycle(),
    NeedsInEventCycle(),
    EventNever(),
    EventUnheard(),
    EventPayload(),
    EventReserved(),
    FinishUnreachable(),
    AgentUnreachable(),
    JoinStarves(),
    JoinChoices(),
    CycleUnbounded(),
    CycleSkipped(),
    FanoutUnbounded(),
    MatrixInvalid(),
    CronInvalid(),
    CronNever(),
    CronTooOften(),
    CronDst(),
    CronJitter(),
    ScheduleInputs(),
    ScheduleDuplicate(),
    TzUnknown(),
    WebhookUnverified(),
    GlobInvalid(),
    TriggerInput(),
    WebhookActor(),
    ConcurrencyNone(),
    ExprSyntax(),
    ExprUnknownContext(),
    ExprUnknownFunction(),
    ExprArity(),
    ExprType(),
    ExprAvailability(),
    IfConstant(),
    IfText(),
    ContainsSubstring(),
    TernaryFalsy(),
    TemplateObject(),
    OutputUnknown(),
    OutputUnused(),
    StepDuplicate(),
    InputUnknown(),
    InputUnused(),
    VarUnknown(),
    InputType(),
    RemoteUnfetched(),
    HostShared(),
    RetryNotIdempotent(),
    ApprovalMissing(),
    InjectShell(),
    InjectEnvFile(),
    InjectPrompt(),
    TaintPath(),
    TaintHost(),
    SecretLiteral(),
    SecretUnlisted(),
    SecretArgv(),
    SecretBroad(),
)

IGNORE_UNUSED: Final = "ignore-unused"

RUN_SHELLCHECK: Final = "run-shellcheck"

_SHELLCHECK: Final = Entry(
    name=RUN_SHELLCHECK,
    severity=Severity.NOTE,
    doc="shellcheck warns of something in a script.",
    why=(
        "`chainwright lint` asks shellcheck about every script for sh, bash, dash and ksh where it is installed, and shows its warnings "
        "at their place in the chain. A deployment does not depend on it. Its own documentation explains each number."
    ),
    bad="""
        agents:
          a:
            run: |
              for file in $(ls *.md); do wc -w "$file"; done
    """,
    good="""
        agents:
          a:
            run: |
              for file in *.md; do wc -w "$file"; done
    """,
)

_UNUSED: Final = Entry(
    name=IGNORE_UNUSED,
    severity=Severity.NOTE,
    doc="A lint: ignore matches nothing that could be ignored.",
    why=(
        "`# lint: ignore[rule] why` silences a warning or a note of its line or of the line below. One that matches nothing is left over, "
        "misspelt or on the wrong line, and would silence a mistake yet to be made. Errors cannot be ignored."
    ),
    bad="""
        agents:
          a:
            run: ./a.sh  # lint: ignore[event-unheard] the dashboard shows it
    """,
    good="""
        agents:
          a:
            run: ./a.sh
            emits: progress  # lint: ignore[event-unheard] the dashboard shows it
    """,
)

ENTRIES: Final[tuple[Entry, ...]] = (
    *FORM_RULES,
    *LISTENING_RULES,
    *(rule.entry for rule in RULES),
    _SHELLCHECK,
    _UNUSED,
)
"""Every rule, in the order of the documentation."""
