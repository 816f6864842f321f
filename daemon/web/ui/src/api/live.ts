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

/** A change makes old what is about its run, and every list. */
export function isOutdatedBy(change: Pick<Change, "run_id">, url: string): boolean {
  const path = url.split("?")[0]!.slice(API.length);
  if (path.startsWith("/runs/")) return !!change.run_id && path.startsWith(`/runs/${change.run_id}`);
  return !path.startsWith("/chains/") && !path.startsWith("/sources/") && path !== "/openapi.json";
}

function open(): void {
  close ??= readStream({
    url: address("/stream", { topics: "runs" }),
    onOpen: () => {
      become("live");
      outdate(() => true);
    },
    onMessage: (message) => {
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
