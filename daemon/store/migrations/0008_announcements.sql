-- What runs tell other chains, and what became of it. Written in the transaction of the entries that tell it.
CREATE TABLE announcement (
    id INTEGER NOT NULL PRIMARY KEY, -- the order in which it happened
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    listener TEXT NOT NULL,
    organization TEXT NOT NULL,
    environment TEXT NOT NULL,
    run_id TEXT, -- where it comes from; NULL when it was sent from outside
    at REAL NOT NULL,
    event TEXT NOT NULL, -- JSON
    depth INTEGER NOT NULL,
    fate TEXT, -- NULL until the listener has been told
    told_at REAL,
    started TEXT, -- the run that it became
    reason TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX announcement_open ON announcement (id) WHERE fate IS NULL;
CREATE INDEX announcement_of_run ON announcement (run_id, id);
