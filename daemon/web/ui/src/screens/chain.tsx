/** A chain: its graph, what it takes, its runs, what starts it. */
import { useMemo } from "react";

import { useAnswer } from "../api/cache";
import { address } from "../api/client";
import type { AgentDefinition, Chain as Definition, ChainSummary } from "../api/types";
import { filled, useGet } from "../api/use";
import { startedBy } from "../graph/arrows";
import { Graph } from "../graph/view";
import { Bars, reliability } from "../parts/bars";
import { Button } from "../parts/button";
import { Page, Section } from "../parts/page";
import { Commit } from "../parts/run-facts";
import { RunForm } from "../parts/run-form";
import { RunTable } from "../parts/run-table";
import { Empty, Shown } from "../parts/shown";
import { Table } from "../parts/table";
import { Tabs } from "../parts/tabs";
import { duration } from "../parts/times";
import { go, usePlace, withQuery, type Params } from "../router";
import { ChainSource, ChainVersions } from "./chain-source";
import { ChainStatistics } from "./chain-statistics";
import { ChainTriggers } from "./chain-triggers";

export default function Chain({ params }: { params: Params }) {
  const id = params["chain"]!;
  const { query } = usePlace();
  const definition = useAnswer<Definition>(address(filled("/chains/{chain}", { chain: id })));
  const summary = useGet("/api/v1/chains").data?.items.find((one) => one.id === id);
  const view = query.get("view") ?? "graph";
  const to = (next: string) => withQuery({ view: next === "graph" ? null : next, start: null });
  return (
    <Page
      title={id}
      isWide
      crumbs={[{ text: "Chains", to: "/chains" }]}
      facts={summary && <Facts summary={summary} definition={definition.data} />}
      actions={
        definition.data?.manual !== false && (
          <Button look="primary" icon="play" onClick={() => go(withQuery({ start: "1" }))}>
            Run
          </Button>
        )
      }
    >
      <Shown of={definition}>
        {(chain) => (
          <>
            {chain.description && <p className="description">{chain.description}</p>}
            <Tabs
              label="Parts of the chain"
              current={view}
              tabs={[
                { id: "graph", text: "Graph", to: to("graph") },
                { id: "runs", text: "Runs", to: to("runs") },
                { id: "statistics", text: "Statistics", to: to("statistics") },
                { id: "triggers", text: "Triggers", to: to("triggers") },
                { id: "source", text: "Source", to: to("source") },
                { id: "versions", text: "Versions", to: to("versions") },
                { id: "compiled", text: "Compiled", to: to("compiled") },
              ]}
            />
            {view === "graph" && <Overview chain={chain} />}
            {view === "runs" && <RunsOf id={id} />}
            {view === "statistics" && <ChainStatistics id={id} />}
            {view === "triggers" && <ChainTriggers chain={chain} summary={summary} />}
            {view === "source" && <ChainSource id={id} />}
            {view === "versions" && <ChainVersions id={id} />}
            {view === "compiled" && <Compiled chain={chain} />}
            {query.get("start") && <RunForm chain={id} inputs={chain.inputs} firstRef={query.get("ref") ?? ""} onClose={() => go(withQuery({ start: null, ref: null }), { replace: true })} />}
          </>
        )}
      </Shown>
    </Page>
  );
}

function Facts({ summary, definition }: { summary: ChainSummary; definition: Definition | undefined }) {
  return (
    <>
      {definition && definition.name !== summary.id && <span>{definition.name}</span>}
      <span className="mono">{summary.path}</span>
      <Commit id={summary.commit} />
      <span>
        {summary.repository}
        {summary.environment !== "main" && `/${summary.environment}`}
      </span>
      <span>{summary.agents.length === 1 ? "one agent" : `${summary.agents.length} agents`}</span>
    </>
  );
}

function Overview({ chain }: { chain: Definition }) {
  const factsOf = useMemo(
    () => (name: string) => ({
      is: "idle" as const,
      note: "",
      to: `${location.pathname}?view=graph#agent-${name}`,
    }),
    [chain],
  );
  return (
    <>
      <Graph agents={chain.agents} factsOf={factsOf} label={`Graph of ${chain.id}`} isDefinition />
      <Section title="Agents">
        <Table label="Agents" columns={[["Agent"], ["Starts"], ["Emits", "wide-only"], ["Is", "wide-only"]]}>
          {Object.values(chain.agents).map((agent) => (
            <tr key={agent.id} id={`agent-${agent.id}`}>
              <td>
                <strong>{agent.id}</strong>
              </td>
              <td>{startedBy(agent)}</td>
              <td className="mono wide-only">{Object.keys(agent.emits).join(", ")}</td>
              <td className="wide-only faint">{noteOf(agent)}</td>
            </tr>
          ))}
        </Table>
      </Section>
    </>
  );
}

/** What an agent is, in a few words. */
function noteOf(agent: AgentDefinition): string {
  const parts = [
    agent.calls ? `chain ${agent.calls.chain}` : (agent.uses ?? (agent.steps.length ? `${agent.steps.length} steps` : "script")),
    agent.approval ? "asks first" : "",
    agent.max_turns ? `at most ${agent.max_turns} turns` : "",
    agent.retry.max ? `${agent.retry.max} ${agent.retry.max === 1 ? "retry" : "retries"}` : "",
    agent.strategy ? "matrix" : "",
    agent.timeout_s !== 3600 ? `within ${duration(agent.timeout_s).replace(".0s", "s")}` : "",
  ];
  return parts.filter(Boolean).join(", ");
}

function RunsOf({ id }: { id: string }) {
  const runs = useGet("/api/v1/runs", { query: { chain: id, limit: 100 } });
  return (
    <Shown of={runs}>
      {({ items }) => {
        const recent = [...items].reverse();
        const share = reliability(recent);
        if (items.length === 0) {
          return (
            <Empty icon="runs" title="It has not run yet">
              <Button look="primary" icon="play" onClick={() => go(withQuery({ view: null, start: "1" }))}>
                Run it
              </Button>
            </Empty>
          );
        }
        return (
          <>
            <div className="bar">
              <Bars runs={recent} />
              {share !== null && <span className="muted">{Math.round(share * 100)} % succeeded</span>}
            </div>
            <RunTable runs={items} label={`Runs of ${id}`} hasKeys />
          </>
        );
      }}
    </Shown>
  );
}

function Compiled({ chain }: { chain: Definition }) {
  return (
    <Section title="As it runs" aside="every default filled in, every reusable agent merged">
      <pre className="json source" tabIndex={0}>
        {JSON.stringify(chain, null, 2)}
      </pre>
    </Section>
  );
}
