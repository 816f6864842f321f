-- The legs of a turn that has a matrix. How far one has come is what its attempts say; one without any is queued.
CREATE TABLE leg (
    run_id TEXT NOT NULL,
    agent TEXT NOT NULL,
    turn INTEGER NOT NULL,
    leg TEXT NOT NULL,
    name TEXT NOT NULL,
    matrix TEXT NOT NULL, -- JSON
    outcome TEXT,
    reason TEXT,
    detail TEXT NOT NULL DEFAULT '',
    outputs TEXT NOT NULL DEFAULT '{}', -- JSON
    PRIMARY KEY (run_id, agent, turn, leg),
    FOREIGN KEY (run_id, agent, turn) REFERENCES turn (run_id, agent, turn)
) STRICT, WITHOUT ROWID;
