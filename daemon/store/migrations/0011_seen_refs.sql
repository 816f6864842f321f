-- Where the refs of a repository led when they were looked at last: written in the transaction of what their movement starts.
CREATE TABLE seen_repository (
    repository TEXT NOT NULL PRIMARY KEY,
    at REAL NOT NULL -- of the first look, by which nothing has moved
) STRICT;

CREATE TABLE seen_ref (
    repository TEXT NOT NULL,
    ref TEXT NOT NULL,
    "commit" TEXT, -- NULL: it is gone
    moves INTEGER NOT NULL, -- since the first look
    PRIMARY KEY (repository, ref)
) STRICT, WITHOUT ROWID;

-- "commit" is the one in its workspaces; that of its definition is another where a push or a pull request is what a run is about.
ALTER TABLE run ADD COLUMN definition_commit TEXT; -- NULL: the same
