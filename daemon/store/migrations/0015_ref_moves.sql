-- What has moved in repositories, and which chains were passed over: for people who ask why nothing has started. The newest are kept.
-- What chains were told of it are announcements whose keys begin with this key and ">".
CREATE TABLE ref_move (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL, -- push, pull_request, or refused: a push that was not let in
    repository TEXT NOT NULL,
    ref TEXT NOT NULL,
    before TEXT,
    after TEXT,
    at REAL NOT NULL,
    actor TEXT,
    passed_over TEXT NOT NULL DEFAULT '[]', -- JSON: [{environment, chain, reason}]
    refusal TEXT NOT NULL DEFAULT '[]' -- JSON: the first lines that the pusher was told
) STRICT;

CREATE INDEX ref_move_of ON ref_move (repository, id);

-- Whether a commit that no branch leads to any more is still worked on.
CREATE INDEX run_at_commit ON run (repository, "commit");
