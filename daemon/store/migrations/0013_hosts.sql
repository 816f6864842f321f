-- What people did to hosts by command; the hosts themselves follow from all of it, and from the configuration. None is removed.
CREATE TABLE host_entry (
    id INTEGER PRIMARY KEY,
    organization TEXT NOT NULL,
    host TEXT NOT NULL,
    step TEXT NOT NULL, -- added, removed, trusted, drained, resumed
    at REAL NOT NULL,
    actor TEXT NOT NULL,
    settings TEXT, -- JSON, of one that was added
    host_key TEXT NOT NULL DEFAULT '', -- of one whose key was trusted
    reason TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX host_entry_of ON host_entry (organization, id);
