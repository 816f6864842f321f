-- Who kept the schedules of a chain from starting runs, and who let them go on. The newest row of a chain counts; none is removed.
CREATE TABLE schedule_pause (
    id INTEGER PRIMARY KEY,
    organization TEXT NOT NULL DEFAULT 'default',
    chain TEXT NOT NULL,
    actor TEXT NOT NULL,
    at REAL NOT NULL,
    until REAL, -- NULL: until somebody resumes them
    resumed_by TEXT,
    resumed_at REAL
) STRICT;

CREATE INDEX schedule_pause_newest ON schedule_pause (organization, chain, id);
