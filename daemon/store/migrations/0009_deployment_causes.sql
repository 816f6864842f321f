-- Why a deployment is in force, who put it there, and the tip of its branch at that time: until the branch moves on, it stays.
ALTER TABLE deployment ADD COLUMN head TEXT NOT NULL DEFAULT ''; -- '': its own commit
ALTER TABLE deployment ADD COLUMN cause TEXT NOT NULL DEFAULT 'commit';
ALTER TABLE deployment ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE deployment ADD COLUMN message TEXT NOT NULL DEFAULT '';

-- Pushes that were let in, written before their refs moved: who pushed a commit that is deployed after a crash.
CREATE TABLE push (
    id INTEGER PRIMARY KEY,
    organization TEXT NOT NULL DEFAULT 'default',
    repository TEXT NOT NULL,
    "commit" TEXT NOT NULL,
    actor TEXT NOT NULL,
    message TEXT NOT NULL,
    pushed_at REAL NOT NULL
) STRICT;

CREATE INDEX push_newest ON push (repository, "commit", id);
