/** All runs, newest first, live; by chain and by state. */
import { useEffect, useRef, useState } from "react";

import type { Resource } from "../api/cache";
import type { Run } from "../api/types";
import { useGet } from "../api/use";
import { Button } from "../parts/button";
import { Page } from "../parts/page";
import { RunTable } from "../parts/run-table";
import { Empty, Shown } from "../parts/shown";
import { go, usePlace, withQuery } from "../router";

const PAGE = 100;
const STATES = ["", "running", "waiting", "queued", "finished"];

export function Runs() {
  const { query } = usePlace();
  const chain = query.get("chain") ?? "";
  const state = query.get("state") ?? "";
  const [limit, setLimit] = useState(PAGE);
  useEffect(() => setLimit(PAGE), [chain, state]);
  const first = useGet("/api/v1/runs", { query: { chain, state, limit: Math.min(limit, 500) } });
  const kept = useKept(first);
  const rest = useRest(kept.data?.next ?? null, limit > 500, chain, state);
  const shown = [...(kept.data?.items ?? []), ...rest.runs];
  const hasMore = limit <= 500 ? kept.data?.next != null : rest.hasMore;
  return (
    <Page title="Runs" actions={<Filters chain={chain} state={state} />}>
      <Shown of={kept} rows={12}>
        {() =>
          shown.length === 0 ? (
            <Empty icon="runs" title={chain || state ? "No run fits" : "No run yet"}>
              <p>{chain || state ? "Other filters may show some." : "Start one from the page of a chain."}</p>
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

function Filters({ chain, state }: { chain: string; state: string }) {
  const chains = useGet("/api/v1/chains").data?.items ?? [];
  return (
    <>
      <label className="select">
        <span className="unseen">Chain</span>
        <select value={chain} onChange={(event) => go(withQuery({ chain: event.target.value }), { replace: true })}>
          <option value="">All chains</option>
          {chains.map((one) => (
            <option key={`${one.repository}/${one.environment}/${one.id}`} value={one.id}>
              {one.id}
            </option>
          ))}
        </select>
      </label>
      <label className="select">
        <span className="unseen">State</span>
        <select value={state} onChange={(event) => go(withQuery({ state: event.target.value }), { replace: true })}>
          {STATES.map((one) => (
            <option key={one} value={one}>
              {one || "All states"}
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
function useRest(next: string | null, isWanted: boolean, chain: string, state: string) {
  const [cursor, setCursor] = useState<string | null>(null);
  const [runs, setRuns] = useState<Run[]>([]);
  useEffect(() => {
    setRuns([]);
    setCursor(null);
  }, [chain, state]);
  const page = useGet("/api/v1/runs", { query: { chain, state, limit: 500, cursor: cursor ?? "" }, when: isWanted && cursor !== null });
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
