-- Runs that retry another keep turns of it, and are found from there.

ALTER TABLE turn ADD COLUMN adopted_from TEXT; -- the run in which it was done, if that was another

CREATE INDEX run_retries ON run (retry_of) WHERE retry_of IS NOT NULL;
