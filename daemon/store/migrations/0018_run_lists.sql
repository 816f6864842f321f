-- Lists by several filters at once: what fails in one chain has an index of its own, and what started a run stands in the indexes of
-- chains and outcomes, so that a run that does not fit is passed over without being read.
CREATE INDEX run_history_of_chain_outcome ON run (organization, chain, outcome, id, trigger_kind)
WHERE outcome IS NOT NULL AND outcome <> 'succeeded';

DROP INDEX run_history_of_outcome;
CREATE INDEX run_history_of_outcome ON run (organization, outcome, id, trigger_kind)
WHERE outcome IS NOT NULL AND outcome <> 'succeeded';

DROP INDEX run_history_of_chain;
CREATE INDEX run_history_of_chain ON run (organization, chain, id, trigger_kind);
