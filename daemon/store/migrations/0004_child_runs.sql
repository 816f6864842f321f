-- Runs that are attempts of other runs, and are found from both ends.

ALTER TABLE run ADD COLUMN parent TEXT; -- the run that called this one
ALTER TABLE run ADD COLUMN parent_attempt TEXT; -- the attempt of it that this run is

CREATE UNIQUE INDEX run_of_attempt ON run (parent_attempt) WHERE parent_attempt IS NOT NULL;
