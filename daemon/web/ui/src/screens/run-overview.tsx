/** The graph of a run, alive, and its agents on a line of time. */
import { useMemo } from "react";

import type { AgentOfRun, Chain, RunDetail, RunEvent } from "../api/types";
import { arrowsOf } from "../graph/arrows";
import { travelled } from "../graph/travelled";
import { Graph, type NodeFacts } from "../graph/view";
import type { InboxItem } from "../parts/inbox-card";
import { agentPath } from "../parts/run-facts";
import { standingOfAgent } from "../parts/standing";
import { useNow } from "../parts/time";
import { duration } from "../parts/times";
import { lineOf } from "../timeline/spans";
import { Timeline } from "../timeline/view";

interface OverviewProps {
  run: RunDetail;
  chain: Chain | undefined;
  events: RunEvent[];
  queuedAt: Map<string, number>;
  waiting: InboxItem[];
}

export function RunOverview({ run, chain, events, queuedAt, waiting }: OverviewProps) {
  const now = useNow();
  const arrows = useMemo(() => (chain ? arrowsOf(chain.agents) : []), [chain]);
  const gone = useMemo(() => travelled(run, events, arrows), [run, events, arrows]);
  const calls = new Set(waiting.map((one) => one.agent));
  const line = lineOf(run, events, queuedAt, now);
  const factsOf = (name: string): NodeFacts => {
    const agent = run.agents[name];
    return {
      is: agent ? standingOfAgent(agent) : "idle",
      note: agent ? noteOf(agent, now) : "",
      to: agentPath(run.id, name),
      needsPerson: calls.has(name),
    };
  };
  return (
    <>
      {chain ? (
        <Graph agents={chain.agents} factsOf={factsOf} travelled={gone} label={`Graph of ${run.chain}`} />
      ) : (
        <div className="graph bone" style={{ height: 200 }} />
      )}
      <Timeline line={line} run={run} now={now} />
    </>
  );
}

/** Below the name of an agent: how long, and how often. */
function noteOf(agent: AgentOfRun, now: number): string {
  const turns = agent.turns.filter((turn) => turn.outcome !== "skipped");
  const last = turns[turns.length - 1];
  if (!last) return agent.outcome === "skipped" ? (agent.reason ?? "").replaceAll("-", " ") : "";
  const attempts = last.attempts.filter((attempt) => attempt.started_at !== null);
  const busy = attempts.reduce((sum, one) => sum + ((one.ended_at ?? now) - one.started_at!), 0);
  const ended = last.legs.filter((leg) => leg.outcome !== null).length;
  const parts = [
    attempts.length ? duration(last.state === "finished" ? busy : Math.max(0, Math.floor(busy))) : last.state,
    turns.length > 1 ? `turn ${last.turn}` : "",
    last.legs.length ? `${ended}/${last.legs.length} legs` : attempts.length > 1 ? `attempt ${attempts.length}` : "",
  ];
  return parts.filter(Boolean).join(" · ");
}
