-- What has changed, in the order in which it was committed: what live streams follow, and replay after a restart. Written by triggers,
-- in the transaction of the change itself, so that no writer can forget it. Only the newest are kept; who missed more reads anew.
CREATE TABLE feed (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL, -- runs, deployments, schedules, deliveries, changes, hosts
    subject TEXT NOT NULL, -- of runs: the run
    kind TEXT NOT NULL DEFAULT '', -- of runs: that of each journal row
    at REAL, -- of runs: that of each journal row
    first INTEGER, -- of runs: the journal rows that were added
    last INTEGER
) STRICT;

CREATE TRIGGER feed_pruned AFTER INSERT ON feed WHEN new.seq % 1000 = 0
BEGIN DELETE FROM feed WHERE seq <= new.seq - 100000; END;

CREATE TRIGGER feed_run_created AFTER INSERT ON run
BEGIN INSERT INTO feed (topic, subject, first, last) VALUES ('runs', new.id, 1, new.seq); END;

CREATE TRIGGER feed_run_advanced AFTER UPDATE OF seq ON run WHEN new.seq > old.seq
BEGIN INSERT INTO feed (topic, subject, first, last) VALUES ('runs', new.id, old.seq + 1, new.seq); END;

CREATE TRIGGER feed_deployed AFTER INSERT ON deployment BEGIN
    INSERT INTO feed (topic, subject, kind, at)
    VALUES ('deployments', new.repository || '/' || new.environment, 'Deployed', new.deployed_at);
END;

CREATE TRIGGER feed_refused AFTER INSERT ON refusal BEGIN
    INSERT INTO feed (topic, subject, kind, at)
    VALUES ('deployments', new.repository || '/' || new.environment, 'DeploymentRefused', new.refused_at);
END;

CREATE TRIGGER feed_paused AFTER INSERT ON schedule_pause
BEGIN INSERT INTO feed (topic, subject, kind, at) VALUES ('schedules', new.chain, 'SchedulesPaused', new.at); END;

CREATE TRIGGER feed_resumed AFTER UPDATE OF resumed_by ON schedule_pause WHEN new.resumed_by IS NOT NULL
BEGIN INSERT INTO feed (topic, subject, kind, at) VALUES ('schedules', new.chain, 'SchedulesResumed', new.resumed_at); END;

CREATE TRIGGER feed_fired AFTER INSERT ON fire BEGIN
    INSERT INTO feed (topic, subject, kind, at)
    VALUES ('schedules', new.schedule, iif(new.missed = '', 'ScheduleFired', 'ScheduleMissed'), new.due);
END;

CREATE TRIGGER feed_delivered AFTER INSERT ON hook_delivery
BEGIN INSERT INTO feed (topic, subject, kind, at) VALUES ('deliveries', new.id, 'DeliveryRecorded', new.received_at); END;

CREATE TRIGGER feed_change_opened AFTER INSERT ON change_request
BEGIN INSERT INTO feed (topic, subject, kind, at) VALUES ('changes', new.number, 'ChangeOpened', new.opened_at); END;

CREATE TRIGGER feed_change_changed AFTER UPDATE OF changed_at ON change_request
BEGIN INSERT INTO feed (topic, subject, kind, at) VALUES ('changes', new.number, 'ChangeChanged', new.changed_at); END;

CREATE TRIGGER feed_host_changed AFTER INSERT ON host_entry
BEGIN INSERT INTO feed (topic, subject, kind, at) VALUES ('hosts', new.host, 'HostChanged', new.at); END;

-- Lists of runs by how they ended and by what started them.
ALTER TABLE run ADD COLUMN trigger_kind TEXT; -- the kind of its trigger
UPDATE run SET trigger_kind = json_extract("trigger", '$.kind');

CREATE INDEX run_history_of_outcome ON run (organization, outcome, id) WHERE outcome IS NOT NULL AND outcome <> 'succeeded';
CREATE INDEX run_history_of_trigger ON run (organization, trigger_kind, id);
CREATE INDEX run_ended ON run (organization, ended_at, outcome) WHERE ended_at IS NOT NULL;
