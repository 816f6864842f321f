/** All runs, newest first, live; by chain and by state. */
import { useEffect, useRef, useState } from "react";

import type { Resource } from "../api/cache";
import type { Run } from "../api/types";
import { useGet } from "../api/use";
import { Button } from "../parts/button";
import { Page } from "../parts/page";
import { RunTable } from "../parts/run-table";
import { Empty, Shown } from "../parts/shown";
import { WORDS } from "../parts/standing";
import { go, usePlace, withQuery } from "../router";

const PAGE = 100;
const STATES = ["running", "waiting", "queued", "stopping"];
const OUTCOMES = ["succeeded", "failed", "timed_out", "cancelled", "lost"] as const;

interface RunFilters {
  chain: string;
  state: string;
  outcome: string;
  text: string;
}

export function Runs() {
  const { query } = usePlace();
  const chain = query.get("chain") ?? "";
  const state = query.get("state") ?? "";
  const outcome = query.get("outcome") ?? "";
  const text = query.get("q") ?? "";
  const filters = { chain, state, outcome, text };
  const [limit, setLimit] = useState(PAGE);
  useEffect(() => setLimit(PAGE), [chain, state, outcome, text]);
  const first = useGet("/api/v1/runs", { query: { ...filters, limit: Math.min(limit, 500) } });
  const kept = useKept(first);
  const rest = useRest(kept.data?.next ?? null, limit > 500, filters);
  const isFiltered = Object.values(filters).some(Boolean);
  const shown = [...(kept.data?.items ?? []), ...rest.runs];
  const hasMore = limit <= 500 ? kept.data?.next != null : rest.hasMore;
  return (
    <Page title="Runs" actions={<Filters {...filters} />}>
      <Shown of={kept} rows={12}>
        {() =>
          shown.length === 0 ? (
            <Empty icon="runs" title={isFiltered ? "No run fits" : "No run yet"}>
              <p>{isFiltered ? "Other filters may show some." : "Start one from the page of a chain."}</p>
            </Empty>
          ) : (
            <>
              <RunTable runs={shown} label="Runs" hasKeys />
              {hasMore && <More onMore={() => (limit < 500 ? setLimit((now) => now + PAGE) : (setLimit(501), rest.more()))} />}
            </>
          )
        }
      </Shown>
    </Page>
  );
}

function Filters({ chain, state, outcome, text }: RunFilters) {
  const chains = useGet("/api/v1/chains").data?.items ?? [];
  const ids = [...new Set(chains.map((one) => one.id))];
  const choose = (changes: Record<string, string | null>) => go(withQuery(changes), { replace: true });
  const stands = (value: string) =>
    choose({ state: STATES.includes(value) ? value : null, outcome: STATES.includes(value) ? null : value });
  return (
    <>
      <label className="search">
        <span className="unseen">Find runs</span>
        <input type="search" placeholder="Chain or run id" defaultValue={text} onChange={(event) => choose({ q: event.target.value })} />
      </label>
      <label className="select">
        <span className="unseen">Chain</span>
        <select value={chain} onChange={(event) => choose({ chain: event.target.value })}>
          <option value="">All chains</option>
          {ids.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </label>
      <label className="select">
        <span className="unseen">State</span>
        <select value={state || outcome} onChange={(event) => stands(event.target.value)}>
          <option value="">All states</option>
          {STATES.map((one) => (
            <option key={one}>{one}</option>
          ))}
          {OUTCOMES.map((one) => (
            <option key={one} value={one}>
              {WORDS[one]}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

/** What was shown stays while a longer page is on its way. */
function useKept<T>(resource: Resource<T>): Resource<T> {
  const last = useRef<T | undefined>(undefined);
  if (resource.data !== undefined) last.current = resource.data;
  return { ...resource, data: resource.data ?? (resource.problem ? undefined : last.current) };
}

/** Older runs than one page may hold: read once, since what ended long ago does not change. */
function useRest(next: string | null, isWanted: boolean, filters: RunFilters) {
  const [cursor, setCursor] = useState<string | null>(null);
  const [runs, setRuns] = useState<Run[]>([]);
  useEffect(() => {
    setRuns([]);
    setCursor(null);
  }, [filters.chain, filters.state, filters.outcome, filters.text]);
  const page = useGet("/api/v1/runs", { query: { ...filters, limit: 500, cursor: cursor ?? "" }, when: isWanted && cursor !== null });
  useEffect(() => {
    if (isWanted && cursor === null && next) setCursor(next);
  }, [isWanted, cursor, next]);
  const items = page.data?.items;
  const after = page.data?.next ?? null;
  const known = new Set(runs.map((run) => run.id));
  const all = [...runs, ...(items ?? []).filter((run) => !known.has(run.id))];
  const more = () => {
    if (!after) return;
    setRuns(all);
    setCursor(after);
  };
  return { runs: isWanted ? all : [], hasMore: isWanted ? after !== null || items === undefined : true, more };
}

/** Asks for more when it comes into sight. */
function More({ onMore }: { onMore: () => void }) {
  const ref = useRef<HTMLDivElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry!.isIntersecting && latest.current(), { rootMargin: "600px" });
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={ref} className="more">
      <Button look="ghost" onClick={onMore}>
        Older runs
      </Button>
    </div>
  );
}
