-- Deliveries of webhooks with their fate, and what makes a repeat of one recognisable. A delivery that became a run, and that run,
-- are written in one transaction, before its sender is told anything.

CREATE TABLE hook_delivery (
    id TEXT NOT NULL PRIMARY KEY, -- sorts by the time of its arrival
    organization TEXT NOT NULL,
    environment TEXT NOT NULL,
    hook TEXT NOT NULL,
    chain TEXT NOT NULL,
    fate TEXT NOT NULL, -- accepted, filtered, unfit, refused, duplicate
    reason TEXT NOT NULL DEFAULT '',
    run_id TEXT REFERENCES run (id),
    first TEXT, -- of a duplicate the delivery that it repeats, of a replay the one that it replays
    remote TEXT NOT NULL DEFAULT '',
    received_at REAL NOT NULL,
    last_at REAL NOT NULL,
    count INTEGER NOT NULL DEFAULT 1,
    folded TEXT UNIQUE, -- deliveries of the same text are one row that counts them: a flood of refusals must not fill the disk
    size INTEGER NOT NULL -- of its body, in bytes
) STRICT, WITHOUT ROWID;

CREATE INDEX hook_delivery_history ON hook_delivery (organization, id);
CREATE INDEX hook_delivery_age ON hook_delivery (last_at);

CREATE TABLE hook_content ( -- of those whose sender was proven, for as long as there is room
    delivery TEXT NOT NULL PRIMARY KEY REFERENCES hook_delivery (id),
    size INTEGER NOT NULL,
    headers TEXT NOT NULL, -- JSON
    body BLOB NOT NULL
) STRICT;

CREATE INDEX hook_content_size ON hook_content (delivery, size);

CREATE TABLE hook_key (
    source TEXT NOT NULL, -- organization/environment/hook
    key TEXT NOT NULL,
    delivery TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX hook_key_age ON hook_key (at);
