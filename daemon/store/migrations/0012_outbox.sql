-- What is to leave for others, written in the transaction of what causes it. Of one subject only the newest is kept.
CREATE TABLE letter (
    subject TEXT NOT NULL PRIMARY KEY, -- to whom and about what: forge/comment/7, forge/status/<commit>/<context>
    id TEXT NOT NULL, -- of this content of it
    receiver TEXT NOT NULL,
    body TEXT NOT NULL, -- JSON
    made_at REAL NOT NULL,
    due_at REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    is_dead INTEGER NOT NULL DEFAULT 0,
    fault TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE INDEX letter_due ON letter (is_dead, due_at);

-- Open pull requests of forges, and what their last plan was made from.
CREATE TABLE forge_pull (
    forge TEXT NOT NULL,
    number INTEGER NOT NULL,
    seen TEXT NOT NULL,
    PRIMARY KEY (forge, number)
) STRICT, WITHOUT ROWID;
