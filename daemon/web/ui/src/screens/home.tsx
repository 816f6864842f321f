/** What goes on now, and what wants something of you. */
import type { ReactNode } from "react";

import { useGet } from "../api/use";
import { Command } from "../parts/copy";
import { InboxCard, inboxKey } from "../parts/inbox-card";
import { Page, Section } from "../parts/page";
import { RunTable } from "../parts/run-table";
import { Empty, Shown } from "../parts/shown";
import { Ago } from "../parts/time";
import { dated } from "../parts/times";
import { escaped, Link } from "../router";

const MOST_WAITING = 3;

export function Home() {
  const runs = useGet("/api/v1/runs", { query: { limit: 12 } });
  return (
    <Page title="Home">
      <Shown of={runs} rows={10}>
        {({ items }) =>
          items.length === 0 ? (
            <Welcome />
          ) : (
            <>
              <Numbers />
              <Waiting />
              <div className="home">
                <Section title="Latest runs" aside={<Link to="/runs">All runs</Link>}>
                  <RunTable runs={items} label="Latest runs" hasKeys />
                </Section>
                <div>
                  <Next />
                  <InForce />
                  <HostsNow />
                </div>
              </div>
            </>
          )
        }
      </Shown>
    </Page>
  );
}

function Numbers() {
  const overview = useGet("/api/v1/overview").data;
  const ended = (...outcomes: string[]) => overview && outcomes.reduce((sum, outcome) => sum + (overview.ended[outcome] ?? 0), 0);
  return (
    <div className="numbers">
      <Figure to="/runs?state=running" text="Running" value={overview && (overview.runs["running"] ?? 0)} tone="running" />
      <Figure to="/inbox" text="Waiting for you" value={overview?.waiting} tone="waiting" />
      <Figure to="/runs?outcome=failed" text="Failed in 24 h" value={ended("failed", "timed_out", "lost")} tone="failed" />
      <Figure to="/runs?outcome=succeeded" text="Succeeded in 24 h" value={ended("succeeded")} tone="succeeded" />
    </div>
  );
}

interface FigureProps {
  to: string;
  text: string;
  value: number | undefined;
  tone: string;
}

function Figure({ to, text, value, tone }: FigureProps) {
  return (
    <Link to={to} className={`figure is-${tone} ${value ? "" : "none"}`}>
      <span className="figure-value num">{value ?? "–"}</span>
      <span>{text}</span>
    </Link>
  );
}

function Waiting() {
  const items = useGet("/api/v1/inbox").data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title="Waiting for you" aside={<Link to="/inbox">Inbox</Link>}>
      {items.slice(0, MOST_WAITING).map((item) => (
        <InboxCard key={inboxKey(item)} item={item} isShort />
      ))}
      {items.length > MOST_WAITING && (
        <p>
          <Link to="/inbox">and {items.length - MOST_WAITING} more</Link>
        </p>
      )}
    </Section>
  );
}

function Rows({ title, to, children }: { title: string; to: string; children: ReactNode }) {
  return (
    <Section title={title} aside={<Link to={to}>All</Link>}>
      <ul className="rows">{children}</ul>
    </Section>
  );
}

function Next() {
  const due = useGet("/api/v1/overview").data?.next ?? [];
  const next = due.filter((one, index) => due.findIndex(({ chain }) => chain === one.chain) === index).slice(0, 5);
  if (next.length === 0) return null;
  return (
    <Rows title="Next by schedule" to="/schedules">
      {next.map((due) => (
        <li key={`${due.schedule} ${due.at}`}>
          <Link to={`/chains/${escaped(due.chain)}`}>{due.chain}</Link>
          <span className="faint">
            {dated(due.at)} · <Ago at={due.at} />
          </span>
        </li>
      ))}
    </Rows>
  );
}

function InForce() {
  const items = useGet("/api/v1/deployments").data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Rows title="In force" to="/deployments">
      {items.map((one) => (
        <li key={`${one.repository}/${one.environment}`}>
          <Link to="/deployments">
            {one.repository}
            {one.environment !== "main" && `/${one.environment}`} <span className="mono faint">{one.commit?.slice(0, 7)}</span>
          </Link>
          {one.refused ? (
            <span className="tag is-failed">a commit was refused</span>
          ) : (
            one.deployed_at !== null && (
              <span className="faint">
                <Ago at={one.deployed_at} />
              </span>
            )
          )}
        </li>
      ))}
    </Rows>
  );
}

function HostsNow() {
  const items = useGet("/api/v1/hosts").data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Rows title="Hosts" to="/hosts">
      {items.map((host) => (
        <li key={host.name}>
          <span>{host.name}</span>
          <span className="faint num">
            {host.sessions} of {host.slots} sessions
          </span>
        </li>
      ))}
    </Rows>
  );
}

function Welcome() {
  const chains = useGet("/api/v1/chains").data?.items ?? [];
  if (chains.length > 0) {
    return (
      <Empty icon="play" title="Nothing has run yet">
        <p>{chains.length === 1 ? "One chain is" : `${chains.length} chains are`} in force.</p>
        <Link className="button primary" to={chains.length === 1 ? `/chains/${escaped(chains[0]!.id)}?start=1` : "/chains"}>
          Run one
        </Link>
      </Empty>
    );
  }
  return (
    <Empty icon="chains" title="Nothing has run yet">
      <p>A chain is a file in a git repository; a commit deploys it.</p>
      <Command text="chainwright init my-chains" />
      <Command text="chainwright up --repo my-chains --detach" />
      <Command text="chainwright run hello -i who=Ada --follow" />
    </Empty>
  );
}
