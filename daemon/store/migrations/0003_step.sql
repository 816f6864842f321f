-- Steps of attempts, from the moment at which they are ordered or skipped.
CREATE TABLE step (
    attempt_id TEXT NOT NULL REFERENCES attempt (id),
    step INTEGER NOT NULL, -- from 1
    outcome TEXT, -- in GitHub's words, as is the conclusion
    conclusion TEXT,
    detail TEXT NOT NULL DEFAULT '',
    exit_code INTEGER,
    signal INTEGER,
    outputs TEXT NOT NULL DEFAULT '{}', -- JSON
    started_at REAL,
    ended_at REAL,
    PRIMARY KEY (attempt_id, step)
) STRICT, WITHOUT ROWID;
