/**
 * The one stream that keeps every list of the page up to date, and whether it is there.
 *
 * It runs while the page can be seen: browsers allow six connections to a daemon, and tabs in the background must not hold them. After
 * each beginning everything on show is read again, so nothing that happened in between is missed.
 */
import { useSyncExternalStore } from "react";

import { outdate } from "./cache";
import { address, API } from "./client";
import { readStream } from "./stream";
import type { Change } from "./types";

export type Link = "connecting" | "live" | "away" | "asleep";

let link: Link = "connecting";
let brokenAt = 0;
let close: (() => void) | undefined;
const watchers = new Set<() => void>();

function become(next: Link): void {
  if (next === link) return;
  if (next === "away" && link !== "connecting") brokenAt = Date.now();
  link = next;
  watchers.forEach((watcher) => watcher());
}

/** Topic → what is old after a change of it, as the beginning of its path below the API. */
const CONCERNS: Record<string, string[]> = {
  runs: ["/approvals", "/inbox", "/overview", "/chains", "/statistics", "/schedules", "/sessions", "/hosts", "/status", "/events"],
  deployments: ["/deployments", "/chains", "/schedules", "/overview", "/doctor", "/secrets", "/repositories", "/versions"],
  schedules: ["/schedules", "/overview"],
  deliveries: ["/deliveries"],
  changes: ["/changes"],
  hosts: ["/hosts", "/overview", "/doctor"],
};
const TOPICS = [...Object.keys(CONCERNS), "inbox"].join(",");

/** Whether what was answered at `url` may be different after a change. A compiled chain at a commit never is. */
export function isOutdatedBy(change: Pick<Change, "topic" | "run_id">, url: string): boolean {
  const path = url.split("?")[0]!.slice(API.length);
  if (path === "/runs") return change.topic === "runs";
  if (path.startsWith("/runs/")) return !!change.run_id && (path === `/runs/${change.run_id}` || path.startsWith(`/runs/${change.run_id}/`));
  if (path.startsWith("/chains/") && url.includes("ref=")) return false;
  return CONCERNS[change.topic]?.some((start) => path === start || path.startsWith(`${start}/`)) ?? true;
}

function open(): void {
  close ??= readStream({
    url: address("/stream", { topics: TOPICS }),
    onOpen: () => {
      become("live");
      outdate(() => true);
    },
    onMessage: (message) => {
      if (message.event === "reset") return outdate(() => true);
      if (message.event !== "change") return;
      const change = JSON.parse(message.data) as Change;
      outdate((url) => isOutdatedBy(change, url));
    },
    onBreak: () => become("away"),
  });
}

function shut(): void {
  close?.();
  close = undefined;
}

/** Keep the page up to date for as long as it can be seen. */
export function beginLive(): () => void {
  const look = () => {
    if (document.visibilityState === "visible") open();
    else {
      shut();
      become("asleep");
    }
  };
  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    document.removeEventListener("visibilitychange", look);
    shut();
  };
}

export function useLink(): { link: Link; brokenAt: number } {
  const current = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => link,
  );
  return { link: current, brokenAt };
}
