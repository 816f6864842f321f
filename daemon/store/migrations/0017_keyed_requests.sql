-- Requests that carry an Idempotency-Key, and what they were answered, for a day.
CREATE TABLE keyed_request (
    id INTEGER PRIMARY KEY,
    organization TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL, -- digest of all that was asked
    at REAL NOT NULL, -- when it was begun
    status INTEGER, -- of the answer; NULL: how it ended is not known
    location TEXT NOT NULL DEFAULT '',
    body BLOB, -- JSON
    UNIQUE (organization, key)
) STRICT;

CREATE INDEX keyed_request_at ON keyed_request (at);
