/** An agent of a run: its terminal, its log, why it is where it is; every attempt of every turn. */
import { lazy, Suspense, useRef, useState } from "react";

import type { Attempt, RunDetail } from "../api/types";
import { useGet } from "../api/use";
import { arrowsOf, startedBy } from "../graph/arrows";
import { logAddress, recordingAddress, useLog, type LogOf } from "../log/source";
import { LogView } from "../log/view";
import { Action } from "../parts/button";
import { Icon } from "../parts/icon";
import { Page } from "../parts/page";
import { agentPath, runName, runPath } from "../parts/run-facts";
import { Empty, Loading, Shown } from "../parts/shown";
import { StateIcon, StatePill } from "../parts/state";
import { standing, standingOfAgent, WORDS, why } from "../parts/standing";
import { Tabs } from "../parts/tabs";
import { Took } from "../parts/time";
import { bytes } from "../parts/times";
import { Link, usePlace, type Params } from "../router";
import { AgentActivity } from "./agent-activity";
import { Details, type Try } from "./agent-details";
import { Signals } from "./agent-signals";
import { retry } from "./run-actions";
import { useChainOf } from "./run";

const TerminalView = lazy(async () => ({ default: (await import("../terminal/view")).TerminalView }));
const Recording = lazy(async () => ({ default: (await import("../terminal/recording")).Recording }));
const EndedTerminal = lazy(async () => ({ default: (await import("../terminal/ended")).EndedTerminal }));

export default function Agent({ params }: { params: Params }) {
  const run = useGet("/api/v1/runs/{run}", { path: { run: params["run"]! } });
  const name = params["agent"]!;
  if (!run.data) {
    return (
      <Page title={name}>
        <Shown of={run}>{() => null}</Shown>
      </Page>
    );
  }
  return <Known run={run.data} name={name} />;
}

function Known({ run, name }: { run: RunDetail; name: string }) {
  const { query } = usePlace();
  const chain = useChainOf(run);
  const agent = run.agents[name];
  const crumbs = [
    { text: "Runs", to: "/runs" },
    { text: runName(run), to: runPath(run) },
  ];
  const tries = agent?.turns.flatMap((turn) => turn.attempts.map((attempt) => ({ turn, attempt }))) ?? [];
  const shown = tries.find(({ attempt }) => attempt.id === query.get("attempt")) ?? newest(tries);
  const usual = useUsualView(shown);
  if (!agent) {
    return (
      <Page title={name} crumbs={crumbs}>
        <Empty icon="search" title={`This run has no agent called ${name}`} />
      </Page>
    );
  }
  const view = query.get("view") ?? usual;
  const definition = chain?.agents[name];
  const is = standingOfAgent(agent);
  const to = (changes: Record<string, string>) => {
    const next = new URLSearchParams({ ...(shown ? { attempt: shown.attempt.id } : {}), view, ...changes });
    return `${agentPath(run.id, name)}?${next}`;
  };
  return (
    <Page
      title={name}
      crumbs={crumbs}
      mark={<StatePill is={is} />}
      isWide
      facts={
        <>
          {definition && <span>{startedBy(definition)}</span>}
          {shown && (
            <span>
              <Took from={shown.attempt.started_at} to={shown.attempt.ended_at} />
            </span>
          )}
          {shown?.attempt.host && (
            <span className="fact">
              <Icon name="hosts" size={13} />
              {shown.attempt.host}
            </span>
          )}
          {shown?.attempt.child && <Link to={`/runs/${shown.attempt.child}`}>the run that it is</Link>}
          {chain && <Neighbours run={run} name={name} chain={chain.agents} />}
        </>
      }
      actions={
        run.state === "finished" ? (
          <Action icon="retry" act={() => retry(run, { from: name })}>
            Retry from here
          </Action>
        ) : (
          shown?.attempt.state === "running" && <Signals session={shown.attempt.id} agent={name} />
        )
      }
    >
      {why(agent) && is !== "succeeded" && <p className={`said is-${is}`}>{why(agent)}</p>}
      {tries.length > 1 && <Attempts tries={tries} shown={shown} to={to} />}
      <Tabs
        label="Views of the agent"
        current={view}
        tabs={[
          { id: "terminal", text: "Terminal", to: to({ view: "terminal" }) },
          { id: "log", text: "Log", to: to({ view: "log" }) },
          { id: "recording", text: "Recording", to: to({ view: "recording" }) },
          { id: "activity", text: "Activity", to: to({ view: "activity" }) },
          { id: "details", text: "Details", to: to({ view: "details" }) },
        ]}
      />
      {shown ? <View run={run} name={name} shown={shown} view={view} /> : !ABOUT.has(view) && <NotYet run={run} name={name} />}
      {view === "activity" && <AgentActivity run={run} agent={name} attempt={shown && tries.length > 1 ? { id: shown.attempt.id, turn: shown.turn.turn } : undefined} />}
      {view === "details" && <Details run={run} name={name} shown={shown} />}
    </Page>
  );
}

/** Views that do not show output. */
const ABOUT = new Set(["activity", "details"]);

function View({ run, name, shown, view }: { run: RunDetail; name: string; shown: Try; view: string }) {
  const of: LogOf = { run: run.id, agent: name, turn: shown.turn.turn, attempt: shown.attempt.attempt, leg: shown.attempt.leg };
  if (shown.attempt.started_at === null && !ABOUT.has(view)) return <NotYet run={run} name={name} />;
  if (view === "log") return <Log key={shown.attempt.id} of={of} label={`Log of ${name}`} />;
  if (view === "recording" && (shown.attempt.size ?? 0) > LARGE) return <TooLarge of={of} size={shown.attempt.size ?? 0} />;
  if (view === "recording") {
    return (
      <Suspense fallback={<Loading rows={4} />}>
        <RecordingOf key={shown.attempt.id} of={of} attempt={shown.attempt} />
      </Suspense>
    );
  }
  if (view === "terminal") {
    return (
      <Suspense fallback={<Loading rows={4} />}>
        <TerminalOf key={shown.attempt.id} attempt={shown.attempt} of={of} label={`Terminal of ${name}`} />
      </Suspense>
    );
  }
  return null;
}

/** More output than this is not held in a page: the log fetches what is looked at, the terminal shows its end. */
const LARGE = 24 * 1024 * 1024;

function TooLarge({ of, size }: { of: LogOf; size: number }) {
  return (
    <Empty icon="file" title={`It wrote ${bytes(size)}`}>
      <p>That is too much to be played in a page. The log has all of it, the terminal its end.</p>
      <Downloads of={of} />
    </Empty>
  );
}

/** Live while it is at work; who sees it end keeps what is on the screen. */
function TerminalOf({ attempt, of, label }: { attempt: Attempt; of: LogOf; label: string }) {
  const [isLive] = useState(attempt.state !== "finished" || (attempt.size ?? 0) > LARGE);
  return isLive ? <TerminalView session={attempt.id} label={label} /> : <EndedTerminal of={of} label={label} />;
}

function RecordingOf({ of, attempt }: { of: LogOf; attempt: Attempt }) {
  const events = useGet("/api/v1/runs/{run}/events", { path: { run: of.run } }).data?.items ?? [];
  const own = events.filter((event) => event.attempt_id === attempt.id);
  return <Recording address={recordingAddress(of)} name={`${of.agent}-${of.turn}-${of.attempt}`} events={own} label={`Recording of ${of.agent}`} />;
}

function Log({ of, label }: { of: LogOf; label: string }) {
  return (
    <>
      <LogView log={useLog(of)} label={label} />
      <Downloads of={of} />
    </>
  );
}

function Downloads({ of }: { of: LogOf }) {
  return (
    <div className="bar end">
      <a className="button ghost" href={logAddress(of)} download={`${of.agent}-${of.turn}-${of.attempt}.log`}>
        <Icon name="download" size={14} />
        Text
      </a>
      <a className="button ghost" href={logAddress(of, { raw: true })} download={`${of.agent}-${of.turn}-${of.attempt}.raw`}>
        <Icon name="download" size={14} />
        With control sequences
      </a>
    </div>
  );
}

/** The terminal of what is at work, the log of what has ended; whoever sees it end goes on seeing the terminal. */
function useUsualView(shown: Try | undefined): string {
  const seen = useRef("");
  const isAtWork = shown !== undefined && shown.attempt.state !== "finished";
  if (isAtWork) seen.current = shown.attempt.id;
  return shown && seen.current === shown.attempt.id ? "terminal" : "log";
}

/** The last that is at work, else the last. */
function newest(tries: Try[]): Try | undefined {
  const active = tries.filter(({ attempt }) => attempt.state === "running");
  return active[active.length - 1] ?? tries[tries.length - 1];
}

function Attempts({ tries, shown, to }: { tries: Try[]; shown: Try | undefined; to: (changes: Record<string, string>) => string }) {
  return (
    <nav className="attempts" aria-label="Attempts">
      {tries.map(({ turn, attempt }) => {
        const is = standing(attempt);
        const leg = turn.legs.find((one) => one.leg === attempt.leg);
        return (
          <Link key={attempt.id} to={to({ attempt: attempt.id })} aria-current={attempt.id === shown?.attempt.id ? "page" : undefined} title={WORDS[is]}>
            <StateIcon is={is} size={14} />
            {leg ? leg.name || `leg ${leg.leg}` : `turn ${turn.turn}`}
            {attempt.attempt > 1 && <span className="faint">attempt {attempt.attempt}</span>}
            <span className="unseen">{WORDS[is]}</span>
          </Link>
        );
      })}
    </nav>
  );
}

function NotYet({ run, name }: { run: RunDetail; name: string }) {
  const why = useGet("/api/v1/runs/{run}/agents/{agent}/explanation", { path: { run: run.id, agent: name } });
  return (
    <Empty icon="terminal" title={run.state === "finished" ? "It did not start" : "It has not started"}>
      {why.data?.lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </Empty>
  );
}

function Neighbours({ run, name, chain }: { run: RunDetail; name: string; chain: Parameters<typeof arrowsOf>[0] }) {
  const next = arrowsOf(chain).filter((arrow) => arrow.from === name);
  if (next.length === 0) return null;
  return (
    <span>
      then{" "}
      {next.map((arrow, index) => (
        <span key={arrow.to}>
          {index > 0 && ", "}
          <Link to={agentPath(run.id, arrow.to)}>{arrow.to}</Link>
        </span>
      ))}
    </span>
  );
}

