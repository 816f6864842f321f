/** A run: what it is, how it goes, and everything that it has left. */
import { useMemo } from "react";

import { queueTimes, useActivity } from "../api/activity";
import type { Chain, RunDetail } from "../api/types";
import { useAnswer } from "../api/cache";
import { address } from "../api/client";
import { filled, useGet } from "../api/use";
import { InboxCard, inboxKey } from "../parts/inbox-card";
import { Page } from "../parts/page";
import { Cause, Commit, runName } from "../parts/run-facts";
import { Shown } from "../parts/shown";
import { StatePill } from "../parts/state";
import { standing, why } from "../parts/standing";
import { Tabs } from "../parts/tabs";
import { Ago, Took } from "../parts/time";
import { escaped, Link, type Params } from "../router";
import { RunActions } from "./run-actions";
import { RunEvents } from "./run-events";
import { RunJournal } from "./run-journal";
import { RunOverview } from "./run-overview";
import { RunValues } from "./run-values";

export default function Run({ params }: { params: Params }) {
  const run = useGet("/api/v1/runs/{run}", { path: { run: params["run"]! } });
  if (!run.data) {
    return (
      <Page title="Run" crumbs={[{ text: "Runs", to: "/runs" }]}>
        <Shown of={run}>{() => null}</Shown>
      </Page>
    );
  }
  return <Known run={run.data} tab={params["tab"] ?? ""} />;
}

function Known({ run, tab }: { run: RunDetail; tab: string }) {
  const activity = useActivity(run.id);
  const queuedAt = useMemo(() => queueTimes(activity.changes), [activity.changes]);
  const events = useGet("/api/v1/runs/{run}/events", { path: { run: run.id } });
  const chain = useChainOf(run);
  const inbox = useGet("/api/v1/inbox", { when: run.state !== "finished" });
  const waiting = inbox.data?.items.filter((one) => one.run_id === run.id) ?? [];
  const is = standing(run);
  const reason = why(run);
  const base = `/runs/${run.id}`;
  const tabs = [
    { id: "", text: "Overview", to: base },
    { id: "events", text: "Events", to: `${base}/events`, count: events.data?.items.length ?? 0 },
    { id: "values", text: "Inputs and outputs", to: `${base}/values` },
    { id: "journal", text: "Journal", to: `${base}/journal` },
  ];
  return (
    <Page
      title={runName(run)}
      crumbs={[
        { text: "Runs", to: "/runs" },
        { text: run.chain, to: `/chains/${escaped(run.chain)}` },
      ]}
      mark={<StatePill is={is} />}
      facts={<Facts run={run} />}
      actions={<RunActions run={run} />}
      isWide
    >
      {reason && is !== "succeeded" && waiting.length === 0 && <p className={`said is-${is}`}>{reason}</p>}
      {waiting.map((item) => (
        <InboxCard key={inboxKey(item)} item={item} showsRun={false} />
      ))}
      <Tabs label="Parts of the run" tabs={tabs} current={tab} />
      {tab === "" && <RunOverview run={run} chain={chain} events={events.data?.items ?? []} queuedAt={queuedAt} waiting={waiting} />}
      {tab === "events" && <RunEvents run={run} events={events} />}
      {tab === "values" && <RunValues run={run} />}
      {tab === "journal" && <RunJournal activity={activity} run={run} />}
    </Page>
  );
}

/** The definition that the run goes by: at its own commit, not at the one in force. */
export function useChainOf(run: RunDetail): Chain | undefined {
  const path = filled("/chains/{chain}", { chain: run.chain });
  return useAnswer<Chain>(address(path, { ref: run.definition_commit })).data;
}

function Facts({ run }: { run: RunDetail }) {
  return (
    <>
      <Cause run={run} />
      <Commit id={run.commit} />
      <span>
        started <Ago at={run.created_at} />
      </span>
      <span>
        {run.state === "finished" ? "took " : "for "}
        <Took from={run.started_at ?? run.created_at} to={run.ended_at} />
      </span>
      {run.environment !== "main" && <span>{run.environment}</span>}
      {run.retry_of && <Link to={`/runs/${run.retry_of}`}>retries an earlier run</Link>}
      {run.retries.map((id, index) => (
        <Link key={id} to={`/runs/${id}`}>
          retried{run.retries.length > 1 ? ` (${index + 1})` : ""}
        </Link>
      ))}
      {run.parent && <Link to={`/runs/${run.parent}`}>called by another run</Link>}
    </>
  );
}
