"""The statements that are executed one at a time: all that ask, and the changes outside of journal and projections.

Parameters are given by position. The many-row statements of journal and projections are in ``changes``.
"""

from typing import Final

# membership and ownership

JOIN_CLUSTER: Final = """
INSERT INTO node (id, epoch, lease_until) VALUES (?, (SELECT ifnull(max(epoch), 0) + 1 FROM node), NULL)
ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, lease_until = NULL
RETURNING epoch
"""
LEAVE_CLUSTER: Final = "UPDATE node SET lease_until = ? WHERE id = ? AND epoch = ?"
OWN_UNFINISHED_RUNS: Final = "UPDATE run SET owner = ?, epoch = ? WHERE state <> 'finished' AND epoch < ?"
OWNED_ATTEMPT: Final = "SELECT 1 FROM attempt a JOIN run r ON r.id = a.run_id WHERE a.id = ? AND r.epoch = ?"

# the journal

JOURNAL: Final = "SELECT seq, at, kind, body, hash FROM journal WHERE run_id = ? ORDER BY seq"
JOURNAL_PART: Final = "SELECT seq, hash FROM journal WHERE run_id = ? AND seq BETWEEN ? AND ? ORDER BY seq"
JOURNAL_HEAD: Final = "SELECT seq, hash FROM journal WHERE run_id = ? ORDER BY seq DESC LIMIT 1"
LAST_EVENT: Final = "SELECT ifnull(max(number), 0) FROM event WHERE run_id = ?"
LAST_SEQ: Final = "SELECT seq FROM run WHERE id = ?"

# runs

RUN_OF_ONCE: Final = "SELECT run_id FROM once WHERE scope = ? AND key = ?"
NEXT_NUMBER: Final = """
INSERT INTO chain_number (organization, repository, chain, number) VALUES (?, ?, ?, 1)
ON CONFLICT (organization, repository, chain) DO UPDATE SET number = number + 1
RETURNING number
"""

# typed input

KEEP_INPUT: Final = """
INSERT INTO input (attempt_id, seq, size, data)
SELECT ?1, ifnull(max(seq), 0) + 1, ?2, ?3 FROM input WHERE attempt_id = ?1
RETURNING seq
"""
ACKNOWLEDGE_INPUT: Final = "UPDATE input SET data = NULL WHERE attempt_id = ? AND seq <= ? AND data IS NOT NULL"
LAST_INPUT: Final = "SELECT ifnull(max(seq), 0) FROM input WHERE attempt_id = ?"
PENDING_INPUT: Final = "SELECT seq, data FROM input WHERE attempt_id = ? AND seq > ? AND data IS NOT NULL ORDER BY seq"

# schedules

RECORD_MISSED: Final = """
INSERT INTO fire (schedule, due, missed)
SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?) WHERE true ON CONFLICT DO NOTHING
"""
FIRE: Final = "SELECT run_id FROM fire WHERE schedule = ? AND due = ?"
FIRES: Final = """
SELECT due, run_id, missed, outcome FROM fire LEFT JOIN run ON run.id = run_id
WHERE schedule = ?1 AND (?3 IS NULL OR due < ?3) ORDER BY due DESC LIMIT ?2
"""
LAST_FIRE: Final = "SELECT max(due) FROM fire WHERE schedule = ?"
PAUSE_SCHEDULES: Final = "INSERT INTO schedule_pause (chain, actor, at, until) VALUES (?, ?, ?, ?)"
RESUME_SCHEDULES: Final = """
UPDATE schedule_pause SET resumed_by = ?2, resumed_at = ?3 WHERE organization = 'default' AND chain = ?1 AND resumed_by IS NULL
"""
PAUSES: Final = """
SELECT chain, actor, at, until FROM schedule_pause
WHERE id IN (SELECT max(id) FROM schedule_pause GROUP BY chain) AND resumed_by IS NULL
"""

# definitions and deployments

KEEP_DEFINITION: Final = "INSERT INTO definition (hash, chain) VALUES (?, ?) ON CONFLICT DO NOTHING"
DEFINITION: Final = "SELECT chain FROM definition WHERE hash = ?"
RECORD_DEPLOYMENT: Final = """
INSERT INTO deployment (repository, environment, "commit", deployed_at, chains, hash, head, cause, actor, message)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
"""
DEPLOYMENTS: Final = """
SELECT id, repository, environment, "commit", deployed_at, chains, hash, head, cause, actor, message FROM deployment
WHERE repository = ?1 AND environment = ?2 AND (?4 IS NULL OR id < ?4) ORDER BY id DESC LIMIT ?3
"""
RECORD_PUSH: Final = """
INSERT INTO push (repository, "commit", actor, message, pushed_at) VALUES (?, ?, ?, ?, ?)
"""
PUSH: Final = """
SELECT repository, "commit", actor, message, pushed_at FROM push
WHERE repository = ? AND "commit" = ? ORDER BY id DESC LIMIT 1
"""
RECORD_REFUSAL: Final = """
INSERT INTO refusal (repository, environment, "commit", refused_at, diagnostics, stays)
VALUES (?1, ?2, ?3, ?4, ?5, (SELECT max(id) FROM deployment WHERE repository = ?1 AND environment = ?2))
"""
REFUSAL: Final = """
SELECT "commit", refused_at, diagnostics, id FROM refusal
WHERE repository = ?1 AND environment = ?2
    AND stays IS (SELECT max(id) FROM deployment WHERE repository = ?1 AND environment = ?2)
ORDER BY id DESC LIMIT 1
"""
REFUSALS: Final = """
SELECT "commit", refused_at, diagnostics, id FROM refusal
WHERE repository = ?1 AND environment = ?2 AND (?4 IS NULL OR id < ?4) ORDER BY id DESC LIMIT ?3
"""

# history: ids sort by time, so a page (``run_pages``) begins below the last id of the page before

SUMMARY: Final = """
id, number, organization, repository, environment, chain, "commit", "trigger", state, outcome, reason, detail,
    created_at, started_at, ended_at, retry_of, parent,
    iif(state = 'finished', 0, (SELECT count(*) FROM attempt WHERE attempt.run_id = run.id AND attempt.attention IS NOT NULL
        AND attempt.state = 'running')) AS attention
"""
RUN: Final = f"SELECT {SUMMARY} FROM run WHERE id = ?"
CHILD_OF: Final = "SELECT id FROM run WHERE parent_attempt = ?"
RETRIES: Final = "SELECT id FROM run WHERE retry_of = ? ORDER BY id"
RUN_VALUES: Final = 'SELECT coalesce(definition_commit, "commit"), definition, inputs, outputs FROM run WHERE id = ?'
FIND_RUNS: Final = "SELECT id FROM run WHERE organization = ? AND id >= ? AND id < ? ORDER BY id DESC LIMIT ?"

# CROSS JOIN keeps the few unfinished runs in front; the planner, knowing no numbers, would go through every journal.
UNFINISHED_JOURNALS: Final = """
SELECT run.id, j.seq, at, kind, body, hash FROM run INDEXED BY run_unfinished CROSS JOIN journal j ON j.run_id = run.id
WHERE run.state <> 'finished' ORDER BY run.organization, run.id, j.seq
"""
HOST_OF_ATTEMPT: Final = "SELECT host FROM attempt WHERE id = ?"
UNFINISHED_OFFSETS: Final = """
SELECT run.id, a.id, events_offset FROM run INDEXED BY run_unfinished CROSS JOIN attempt a ON a.run_id = run.id
WHERE run.state <> 'finished' AND events_offset IS NOT NULL
"""

# one run

AGENTS: Final = "SELECT agent, state, outcome, reason, detail FROM agent WHERE run_id = ? ORDER BY agent"
TURNS: Final = """
SELECT agent, turn, state, outcome, reason, detail, outputs, events, adopted_from FROM turn WHERE run_id = ? ORDER BY agent, turn
"""
ATTEMPTS: Final = """
SELECT agent, turn, id, attempt, leg, state, outcome, reason, detail, exit_code, signal, started_at, ended_at, host, size,
    iif(state = 'running', attention, NULL) AS attention, attention_at, excerpt,
    (SELECT run.id FROM run WHERE run.parent_attempt = attempt.id) AS child
FROM attempt WHERE run_id = ? ORDER BY agent, turn, CAST(leg AS INTEGER), attempt
"""
LEGS: Final = """
SELECT agent, turn, leg, name, matrix, outcome, reason, detail, outputs
FROM leg WHERE run_id = ? ORDER BY agent, turn, CAST(leg AS INTEGER)
"""
STEPS: Final = """
SELECT attempt_id, step, s.outcome, conclusion, s.detail, s.exit_code, s.signal, s.outputs, s.started_at, s.ended_at
FROM attempt a JOIN step s ON s.attempt_id = a.id WHERE a.run_id = ? ORDER BY attempt_id, step
"""
EVENTS: Final = """
SELECT number, name, ifnull(e.agent, a.agent) AS agent, attempt_id, at, data, fate, why
FROM event e LEFT JOIN attempt a ON a.id = e.attempt_id WHERE e.run_id = ? ORDER BY number
"""
DELIVERIES: Final = "SELECT number, agent, state, turn FROM delivery WHERE run_id = ? ORDER BY number, agent"
