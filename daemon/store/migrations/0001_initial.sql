-- The journal is the truth. Every other table about runs is a projection of it, written in the same transaction
-- (projections.py); what stands outside of runs (deployments, fire times, input) has its truth here.
-- Times are seconds since the epoch, UTC. This file never changes once released: a change is a new migration.

CREATE TABLE node (
    id TEXT NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    lease_until REAL -- NULL while the lock on the state folder is the lease
) STRICT, WITHOUT ROWID;

CREATE TABLE definition (
    hash TEXT NOT NULL PRIMARY KEY,
    chain BLOB NOT NULL
) STRICT;

CREATE TABLE run (
    id TEXT NOT NULL PRIMARY KEY, -- ids sort by the time of their making, so their order is that of the history
    owner TEXT NOT NULL, -- a node
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL, -- number of its last journal row: shows when rows are missing at the end
    organization TEXT NOT NULL,
    repository TEXT NOT NULL,
    environment TEXT NOT NULL,
    chain TEXT NOT NULL,
    number INTEGER NOT NULL,
    "commit" TEXT NOT NULL,
    definition TEXT NOT NULL,
    "trigger" TEXT NOT NULL, -- JSON
    inputs TEXT NOT NULL, -- JSON
    outputs TEXT NOT NULL DEFAULT '{}', -- JSON
    state TEXT NOT NULL DEFAULT 'queued',
    outcome TEXT,
    reason TEXT,
    detail TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL,
    started_at REAL,
    ended_at REAL,
    retry_of TEXT
) STRICT;

CREATE INDEX run_history ON run (organization, id);
CREATE INDEX run_history_of_chain ON run (organization, chain, id);
CREATE INDEX run_unfinished ON run (organization, id) WHERE state <> 'finished';

CREATE TABLE journal (
    run_id TEXT NOT NULL REFERENCES run (id),
    seq INTEGER NOT NULL,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent ( -- what is known of an agent beside its turns
    run_id TEXT NOT NULL REFERENCES run (id),
    agent TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    reason TEXT,
    detail TEXT NOT NULL,
    PRIMARY KEY (run_id, agent)
) STRICT, WITHOUT ROWID;

CREATE TABLE turn (
    run_id TEXT NOT NULL REFERENCES run (id),
    agent TEXT NOT NULL,
    turn INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    outcome TEXT,
    reason TEXT,
    detail TEXT NOT NULL DEFAULT '',
    events TEXT NOT NULL, -- JSON: numbers of the events that it consumed
    outputs TEXT NOT NULL DEFAULT '{}', -- JSON
    queued_at REAL NOT NULL,
    started_at REAL,
    ended_at REAL,
    PRIMARY KEY (run_id, agent, turn)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
    id TEXT NOT NULL PRIMARY KEY,
    run_id TEXT NOT NULL,
    agent TEXT NOT NULL,
    turn INTEGER NOT NULL,
    leg TEXT, -- NULL without a matrix
    attempt INTEGER NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    reason TEXT,
    detail TEXT NOT NULL DEFAULT '',
    due REAL,
    host TEXT,
    pid INTEGER,
    exit_code INTEGER,
    signal INTEGER,
    size INTEGER, -- bytes of output; set once, with the exit
    events_offset INTEGER, -- consumed bytes of its events.log
    started_at REAL,
    ended_at REAL,
    FOREIGN KEY (run_id, agent, turn) REFERENCES turn (run_id, agent, turn)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX attempt_of_turn ON attempt (run_id, agent, turn, ifnull(leg, ''), attempt);

CREATE TABLE event (
    run_id TEXT NOT NULL REFERENCES run (id),
    number INTEGER NOT NULL,
    attempt_id TEXT REFERENCES attempt (id),
    agent TEXT, -- of an automatic event; that of any other is its attempt's
    name TEXT NOT NULL,
    key TEXT,
    at REAL NOT NULL,
    data TEXT NOT NULL, -- JSON
    fate TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

-- A repeat is recorded like everything an agent does, so only what is routed is unique.
CREATE UNIQUE INDEX event_routed_once ON event (attempt_id, key) WHERE fate = 'routed';

CREATE TABLE delivery (
    run_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    agent TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    turn INTEGER,
    PRIMARY KEY (run_id, number, agent),
    FOREIGN KEY (run_id, number) REFERENCES event (run_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE timer (
    run_id TEXT NOT NULL REFERENCES run (id),
    timer TEXT NOT NULL,
    due REAL, -- NULL once it has fired or is no longer wanted
    PRIMARY KEY (run_id, timer)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox ( -- what is to be told to the outside at least once, under an id that stays the same
    id TEXT NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL,
    run_id TEXT REFERENCES run (id),
    kind TEXT NOT NULL,
    body TEXT NOT NULL, -- JSON
    created_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL, -- NULL: delivered, or given up
    delivered_at REAL,
    problem TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_due ON outbox (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE input (
    attempt_id TEXT NOT NULL REFERENCES attempt (id),
    seq INTEGER NOT NULL,
    size INTEGER NOT NULL,
    data BLOB, -- NULL once the session has taken it
    PRIMARY KEY (attempt_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE once (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    organization TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES run (id),
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE fire (
    schedule TEXT NOT NULL,
    due REAL NOT NULL,
    run_id TEXT REFERENCES run (id),
    missed TEXT NOT NULL DEFAULT '', -- why it became no run
    PRIMARY KEY (schedule, due)
) STRICT, WITHOUT ROWID;

CREATE TABLE chain_number ( -- the number of a chain's newest run
    organization TEXT NOT NULL,
    repository TEXT NOT NULL,
    chain TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (organization, repository, chain)
) STRICT, WITHOUT ROWID;

CREATE TABLE deployment (
    id INTEGER PRIMARY KEY,
    organization TEXT NOT NULL DEFAULT 'default',
    repository TEXT NOT NULL,
    environment TEXT NOT NULL,
    "commit" TEXT NOT NULL,
    deployed_at REAL NOT NULL,
    chains TEXT NOT NULL, -- JSON: chain id → hash of its definition
    hash TEXT NOT NULL
) STRICT;

CREATE INDEX deployment_in_force ON deployment (repository, environment, id);

CREATE TABLE refusal (
    id INTEGER PRIMARY KEY,
    organization TEXT NOT NULL DEFAULT 'default',
    repository TEXT NOT NULL,
    environment TEXT NOT NULL,
    "commit" TEXT NOT NULL,
    refused_at REAL NOT NULL,
    diagnostics TEXT NOT NULL, -- JSON
    stays INTEGER REFERENCES deployment (id) -- the deployment that was, and stayed, in force
) STRICT;

CREATE INDEX refusal_newest ON refusal (repository, environment, id);
