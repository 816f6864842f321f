-- Whether an attempt waits for a person at its terminal; it does so only while it runs.
ALTER TABLE attempt ADD COLUMN attention TEXT; -- why: prompt, bell, title, idle; NULL while it does not wait
ALTER TABLE attempt ADD COLUMN attention_at REAL;
ALTER TABLE attempt ADD COLUMN excerpt TEXT NOT NULL DEFAULT ''; -- the last lines of its screen then
