/** Times that move: one clock for the whole page, so that everything ticks together. */
import { useSyncExternalStore } from "react";

import { distance, duration, whole } from "./times";

let now = Date.now() / 1000;
let timer: ReturnType<typeof setInterval> | undefined;
const readers = new Set<() => void>();

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  timer ??= setInterval(() => {
    now = Date.now() / 1000;
    readers.forEach((each) => each());
  }, 1000);
  return () => {
    readers.delete(reader);
    if (readers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Seconds since the epoch, anew each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => {
    if (timer === undefined) now = Date.now() / 1000;
    return now;
  });
}

/** How long ago or until, with the exact time on pointing. */
export function Ago({ at }: { at: number }) {
  const current = useNow();
  return (
    <time dateTime={new Date(at * 1000).toISOString()} title={whole(at)}>
      {distance(at, current)}
    </time>
  );
}

/** How long something took, or takes so far. */
export function Took({ from, to }: { from: number | null; to: number | null }) {
  if (from === null) return <span className="faint">–</span>;
  return to === null ? <Growing from={from} /> : <span className="num">{duration(to - from)}</span>;
}

function Growing({ from }: { from: number }) {
  const current = useNow();
  return <span className="num">{duration(Math.max(0, Math.floor(current - from)))}</span>;
}
