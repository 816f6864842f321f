/**
 * What the daemon has answered, kept while somebody looks at it.
 *
 * A screen names the address that it shows; the cache fetches it, shares it between screens, and fetches it again when a change makes
 * it old. What was known stays on show meanwhile, and also while the daemon is away. An answer that is equal to the one before keeps
 * its identity, so nothing is drawn again for it.
 */
import { useCallback, useEffect, useSyncExternalStore } from "react";

import { ask, Problem } from "./client";

export interface Known<T> {
  data: T | undefined;
  problem: Problem | undefined;
  /** Whether the data is older than the last thing that is known to have changed it. */
  isStale: boolean;
}

interface Entry {
  url: string;
  known: Known<unknown>;
  text: string;
  readers: Set<() => void>;
  isFetching: boolean;
  isWanted: boolean;
  fetchedAt: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const NOTHING: Known<never> = { data: undefined, problem: undefined, isStale: true };
const KEPT = 60;
const entries = new Map<string, Entry>();

function entryOf(url: string): Entry {
  let entry = entries.get(url);
  if (!entry) {
    entry = {
      url,
      known: NOTHING,
      text: "",
      readers: new Set(),
      isFetching: false,
      isWanted: false,
      fetchedAt: 0,
      timer: undefined,
    };
    entries.set(url, entry);
    forgetOldest();
  }
  return entry;
}

function forgetOldest(): void {
  for (const [url, entry] of entries) {
    if (entries.size <= KEPT) return;
    if (entry.readers.size === 0) entries.delete(url);
  }
}

function tell(entry: Entry, known: Known<unknown>): void {
  entry.known = known;
  entry.readers.forEach((reader) => reader());
}

async function fetchNow(entry: Entry): Promise<void> {
  if (entry.isFetching) {
    entry.isWanted = true;
    return;
  }
  entry.isFetching = true;
  entry.isWanted = false;
  entry.fetchedAt = performance.now();
  try {
    const text = await (await ask(entry.url)).text();
    const isSame = text === entry.text && entry.known.data !== undefined;
    entry.text = text;
    tell(entry, { data: isSame ? entry.known.data : JSON.parse(text), problem: undefined, isStale: false });
  } catch (fault) {
    const problem = fault instanceof Problem ? fault : new Problem(-1, "unreadable", "the answer cannot be read", String(fault));
    tell(entry, { data: problem.isUnreachable ? entry.known.data : undefined, problem, isStale: true });
  } finally {
    entry.isFetching = false;
  }
  if (entry.isWanted) fetchSoon(entry);
}

/** At once when the last fetch is long enough ago, so that one change is seen at once and a thousand cost a few fetches. */
function fetchSoon(entry: Entry): void {
  if (entry.timer !== undefined || entry.readers.size === 0) return;
  const pause = entry.url.includes("/runs/") ? 120 : 400;
  const wait = entry.fetchedAt + pause - performance.now();
  entry.timer = setTimeout(
    () => {
      entry.timer = undefined;
      void fetchNow(entry);
    },
    Math.max(0, wait),
  );
}

/** What was answered at the addresses that `isConcerned` may be different now. */
export function outdate(isConcerned: (url: string) => boolean): void {
  for (const entry of entries.values()) {
    if (!isConcerned(entry.url)) continue;
    if (entry.readers.size === 0) entry.known = { ...entry.known, isStale: true };
    else fetchSoon(entry);
  }
}

export interface Resource<T> extends Known<T> {
  refresh: () => void;
}

/** The answer at `url`, kept up to date; null asks for nothing. */
export function useAnswer<T>(url: string | null): Resource<T> {
  const subscribe = useCallback(
    (reader: () => void) => {
      if (url === null) return () => {};
      const entry = entryOf(url);
      entry.readers.add(reader);
      if (entry.known.isStale) void fetchNow(entry);
      return () => entry.readers.delete(reader);
    },
    [url],
  );
  const known = useSyncExternalStore(subscribe, () => (url === null ? NOTHING : entryOf(url).known));
  const refresh = useCallback(() => {
    if (url !== null) void fetchNow(entryOf(url));
  }, [url]);
  const isAway = known.problem?.isUnreachable ?? false;
  useEffect(() => {
    if (!isAway) return;
    const timer = setInterval(refresh, 2000);
    return () => clearInterval(timer);
  }, [isAway, refresh]);
  return { ...(known as Known<T>), refresh };
}
