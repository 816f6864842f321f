-- Change requests of hosted repositories: everything that happened to one is an entry; what lists ask for is beside its number.

CREATE TABLE change_request (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    organization TEXT NOT NULL,
    repository TEXT NOT NULL,
    branch TEXT NOT NULL,
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    state TEXT NOT NULL, -- open, merging, merged, closed
    head TEXT NOT NULL,
    opened_at REAL NOT NULL,
    changed_at REAL NOT NULL
) STRICT;

CREATE INDEX change_request_state ON change_request (organization, state, number);

CREATE TABLE change_entry (
    change INTEGER NOT NULL REFERENCES change_request (number),
    seq INTEGER NOT NULL, -- from 1, without a gap: who writes what another has written meanwhile is refused
    at REAL NOT NULL,
    step TEXT NOT NULL,
    actor TEXT NOT NULL,
    is_owner INTEGER NOT NULL,
    head TEXT NOT NULL,
    "commit" TEXT NOT NULL,
    onto TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (change, seq)
) STRICT, WITHOUT ROWID;
