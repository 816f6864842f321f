/** What has happened in a run, entry by entry, from its first to the one that happens now; a break is made up from where it was. */
import { useEffect, useState } from "react";

import { address } from "./client";
import { readStream } from "./stream";
import type { Change } from "./types";

export interface Activity {
  changes: readonly Change[];
  hasEnded: boolean;
}

const NONE: Activity = { changes: [], hasEnded: false };
const SHOWN_EVERY_MS = 80;

export function useActivity(run: string | undefined): Activity {
  const [activity, setActivity] = useState<Activity>(NONE);
  useEffect(() => {
    setActivity(NONE);
    if (!run) return;
    const changes: Change[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let hasEnded = false;
    const show = () => {
      timer = undefined;
      setActivity({ changes: [...changes], hasEnded });
    };
    const close = readStream({
      url: address("/stream", { topics: `run:${run}` }),
      onMessage: (message) => {
        if (message.event !== "change") return;
        changes.push(JSON.parse(message.data) as Change);
        timer ??= setTimeout(show, SHOWN_EVERY_MS);
      },
      onEnd: () => {
        hasEnded = true;
        timer ??= setTimeout(show, SHOWN_EVERY_MS);
      },
    });
    return () => {
      close();
      clearTimeout(timer);
    };
  }, [run]);
  return activity;
}

/** When each turn was put in the queue: `agent turn` → time. */
export function queueTimes(changes: readonly Change[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { kind, agent, data, at } of changes) {
    if (kind === "TurnQueued" && agent) times.set(`${agent} ${String(data["turn"])}`, at);
  }
  return times;
}
