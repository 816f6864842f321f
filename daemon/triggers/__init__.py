"""What starts runs without a person: so far ``cron``. Each trigger says that its time has come; the engine decides what becomes of it."""
