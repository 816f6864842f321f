"""The statements by which a transaction of the writer changes runs, in the order in which it executes them.

Only :data:`ADVANCE_RUN` carries the epoch: it fences the whole transaction, which fails unless every run of it is still owned.
"""

from typing import Final

from chainwright.daemon.store import deliveries
from chainwright.daemon.store.bulk import Bulk, insert, update

# runs

CREATE_RUN: Final = insert(
    "run",
    "id owner epoch seq organization repository environment chain number commit definition_commit definition trigger inputs created_at retry_of "
    "parent parent_attempt trigger_kind",
)
ADVANCE_RUN: Final = update("run", "id epoch seq", 2, "seq = new.seq")
RAISE_NUMBER: Final = insert(
    "chain_number",
    "organization repository chain number",
    "ON CONFLICT (organization, repository, chain) DO UPDATE SET number = max(number, excluded.number)",
)
REMEMBER_ONCE: Final = insert("once", "scope key organization run_id")
RECORD_FIRE: Final = insert("fire", "schedule due run_id")
APPEND_JOURNAL: Final = insert("journal", "run_id seq at kind body hash")

QUEUE_RUN: Final = update("run", "id reason detail", 1, "reason = new.reason, detail = new.detail")
START_RUN: Final = update("run", "id at", 1, "state = 'running', reason = NULL, detail = '', started_at = new.at")
NOTE_RUN: Final = update("run", "id reason detail", 1, "reason = new.reason, detail = new.detail")
MOVE_RUN: Final = update(
    "run", "id state reason detail", 1, "state = new.state, reason = new.reason, detail = new.detail"
)
STOP_RUN: Final = update("run", "id reason detail", 1, "state = 'stopping', reason = new.reason, detail = new.detail")

_END: Final = """
state = 'finished', outcome = new.outcome, reason = new.reason, detail = new.detail, ended_at = new.at
"""
FINISH_RUN: Final = update("run", "id outcome reason detail at outputs", 1, f"{_END}, outputs = new.outputs")

# turns and agents

SKIP_AGENT: Final = insert(
    "agent",
    "run_id agent state outcome reason detail",
    "ON CONFLICT (run_id, agent) DO UPDATE SET reason = excluded.reason, detail = excluded.detail",
)
QUEUE_TURN: Final = insert("turn", "run_id agent turn events queued_at")
ADOPT_TURN: Final = insert(
    "turn", "run_id agent turn state outcome reason detail events outputs queued_at ended_at adopted_from"
)
HOLD_TURN: Final = update(
    "turn",
    "run_id agent turn state reason detail",
    3,
    "state = new.state, reason = new.reason, detail = new.detail",
)
START_TURN: Final = update(
    "turn", "run_id agent turn at", 3, "state = 'running', reason = NULL, detail = '', started_at = new.at"
)
NOTE_TURN: Final = update(
    "turn", "run_id agent turn reason detail", 3, "reason = new.reason, detail = new.detail", "state <> 'finished'"
)
STOP_TURN: Final = update("turn", "run_id agent turn", 3, "state = 'stopping'", "state <> 'finished'")
# Only the turn's newest attempt speaks for it: one transaction may hold the end of an attempt and the delay of the next.
# While a leg of a matrix waits, others run, so a leg only speaks of the turn's stopping.
MOVE_TURN: Final = Bulk(
    columns="id state",
    key=1,
    text="""
    UPDATE turn SET state = new.state
    FROM (SELECT column1 AS id, column2 AS state FROM (VALUES {rows})) AS new JOIN attempt ON attempt.id = new.id
    WHERE turn.run_id = attempt.run_id AND turn.agent = attempt.agent AND turn.turn = attempt.turn
      AND turn.state <> 'finished'
      AND (attempt.leg IS NULL OR new.state = 'stopping')
      AND attempt.attempt = (SELECT max(other.attempt) FROM attempt AS other WHERE other.run_id = turn.run_id
                             AND other.agent = turn.agent AND other.turn = turn.turn AND other.leg IS attempt.leg)
    """,
)
FINISH_TURN: Final = update(
    "turn", "run_id agent turn outcome reason detail at outputs", 3, f"{_END}, outputs = new.outputs"
)
CREATE_LEG: Final = insert("leg", "run_id agent turn leg name matrix")
FINISH_LEG: Final = update(
    "leg",
    "run_id agent turn leg outcome reason detail outputs",
    4,
    "outcome = new.outcome, reason = new.reason, detail = new.detail, outputs = new.outputs",
)

# attempts: whatever comes late never moves one back

SCHEDULE_ATTEMPT: Final = insert("attempt", "id run_id agent turn leg attempt state due")
RESUME_ATTEMPT: Final = update("attempt", "id", 1, "state = 'starting'", "state = 'waiting'")
DELAY_ATTEMPT: Final = update(
    "attempt",
    "id reason detail",
    1,
    "state = 'queued', reason = new.reason, detail = new.detail",
    "state IN ('starting', 'queued')",
)
RUN_ATTEMPT: Final = update(
    "attempt",
    "id host pid at",
    1,
    """
    host = new.host, pid = new.pid, started_at = new.at,
    reason = iif(state IN ('starting', 'queued'), NULL, reason),
    detail = iif(state IN ('starting', 'queued'), '', detail),
    state = iif(state IN ('starting', 'queued'), 'running', state)
    """,
)
PLACE_ATTEMPT: Final = update("attempt", "id host", 1, "host = new.host", "attempt.started_at IS NULL")
STOP_ATTEMPT: Final = update(
    "attempt", "id reason", 1, "state = 'stopping', reason = new.reason", "state <> 'finished'"
)
NOTE_ATTENTION: Final = update(
    "attempt", "id cause at excerpt", 1, "attention = new.cause, attention_at = new.at, excerpt = new.excerpt"
)
RECORD_EXIT: Final = update(
    "attempt",
    "id code signal size at",
    1,
    "exit_code = new.code, signal = new.signal, size = new.size, started_at = ifnull(started_at, new.at), attention = NULL",
    "attempt.size IS NULL",
)
FINISH_ATTEMPT: Final = update("attempt", "id outcome reason detail at", 1, _END)
CONSUME_EVENTS_LOG: Final = update("attempt", "id run_id end", 2, "events_offset = new.end")

# steps

ORDER_STEP: Final = insert("step", "attempt_id step")
START_STEP: Final = update("step", "attempt_id step at", 2, "started_at = new.at")
EXIT_STEP: Final = update(
    "step",
    "attempt_id step code signal outputs at",
    2,
    "exit_code = new.code, signal = new.signal, outputs = new.outputs, ended_at = new.at",
)
FINISH_STEP: Final = insert(
    "step",
    "attempt_id step outcome conclusion detail",
    """
    ON CONFLICT (attempt_id, step)
    DO UPDATE SET outcome = excluded.outcome, conclusion = excluded.conclusion, detail = excluded.detail
    """,
)

# events and deliveries

RECORD_EVENT: Final = insert("event", "run_id number attempt_id agent name key at data fate why")
DECIDE_EVENT: Final = update("event", "run_id number fate why", 2, "fate = new.fate, why = new.why")
QUEUE_DELIVERY: Final = insert("delivery", "run_id number agent")
SETTLE_DELIVERY: Final = update("delivery", "run_id number agent state turn", 3, "state = new.state, turn = new.turn")

# timers

CHANGE_TIMER: Final = insert(
    "timer", "run_id timer due", "ON CONFLICT (run_id, timer) DO UPDATE SET due = excluded.due"
)
FORGET_TIMERS: Final = Bulk(columns="run_id", text="DELETE FROM timer WHERE run_id IN (VALUES {rows})")

# what chains are told

ANNOUNCE: Final = insert(
    "announcement",
    "key kind listener organization environment run_id at event depth",
    "ON CONFLICT (key) DO NOTHING",
)

ORDER: Final[tuple[Bulk, ...]] = (
    CREATE_RUN,
    ADVANCE_RUN,
    RAISE_NUMBER,
    REMEMBER_ONCE,
    RECORD_FIRE,
    *deliveries.ORDER,
    APPEND_JOURNAL,
    QUEUE_RUN,
    START_RUN,
    NOTE_RUN,
    MOVE_RUN,
    STOP_RUN,
    FINISH_RUN,
    SKIP_AGENT,
    QUEUE_TURN,
    ADOPT_TURN,
    HOLD_TURN,
    START_TURN,
    CREATE_LEG,
    SCHEDULE_ATTEMPT,
    MOVE_TURN,
    NOTE_TURN,
    STOP_TURN,
    FINISH_LEG,
    FINISH_TURN,
    RESUME_ATTEMPT,
    PLACE_ATTEMPT,
    DELAY_ATTEMPT,
    RUN_ATTEMPT,
    STOP_ATTEMPT,
    NOTE_ATTENTION,
    RECORD_EXIT,
    FINISH_ATTEMPT,
    ORDER_STEP,
    START_STEP,
    EXIT_STEP,
    FINISH_STEP,
    CONSUME_EVENTS_LOG,
    RECORD_EVENT,
    DECIDE_EVENT,
    QUEUE_DELIVERY,
    SETTLE_DELIVERY,
    CHANGE_TIMER,
    FORGET_TIMERS,
    ANNOUNCE,
)
"""Parents before children, the birth of a row before what befalls it.

A transaction holds entries of many runs, and its changes are executed statement by statement, not entry by entry. That is sound:
statements about different rows commute, and for one row this is the order in which its life allows them (``core.states.MOVES``);
what can come early or late (a session that starts while it is being stopped) guards itself.
"""
