/**
 * The output of an attempt as lines with their times.
 *
 * Of one that has ended they come from its recording, which knows when each was written; of one at work from its log as it grows, which
 * is read whole again after a break.
 */
import { useEffect, useMemo, useRef, useState } from "react";

import { address, ask, Problem } from "../api/client";
import { useCast } from "../terminal/use-cast";
import { LogLines } from "./lines";

export interface LogOf {
  run: string;
  agent: string;
  turn: number;
  attempt: number;
  leg: string | null;
}

export interface GrowingLog {
  lines: LogLines["lines"];
  /** Grows with the lines, so that it can be compared. */
  version: number;
  /** Seconds since the epoch, where the lines know their times. */
  startedAt: number | null;
  problem: Problem | undefined;
}

export const logAddress = ({ run, ...query }: LogOf, more: Record<string, boolean> = {}) =>
  address(`/runs/${run}/log`, { ...query, ...more });

export const recordingAddress = ({ run, ...query }: LogOf) => address(`/runs/${run}/recording`, query);

const SHOWN_EVERY_MS = 60;
const NONE: GrowingLog = { lines: [], version: 0, startedAt: null, problem: undefined };

export function useLog(of: LogOf, isGrowing: boolean): GrowingLog {
  const [wasGrowing] = useState(isGrowing);
  const { cast, problem } = useCast(wasGrowing ? null : recordingAddress(of));
  const recorded = useMemo((): GrowingLog | null => {
    if (!cast) return null;
    const lines = new LogLines();
    for (const event of cast.events) if (event.kind === "o") lines.take(event.text, event.at);
    return { lines: lines.lines, version: 1, startedAt: cast.startedAt, problem: undefined };
  }, [cast]);
  const followed = useFollowed(wasGrowing || problem ? logAddress(of, { follow: isGrowing }) : null);
  return recorded ?? followed;
}

function useFollowed(url: string | null): GrowingLog {
  const [shown, setShown] = useState(NONE);
  const version = useRef(0);
  useEffect(() => {
    if (url === null) return;
    const ending = new AbortController();
    let lines = new LogLines();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (problem?: Problem) => {
      clearTimeout(timer);
      timer = undefined;
      version.current += 1;
      setShown({ lines: lines.lines, version: version.current, startedAt: null, problem });
    };
    const readOnce = async () => {
      const reader = (await ask(url, { signal: ending.signal })).body!.pipeThrough(new TextDecoderStream()).getReader();
      lines = new LogLines();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return show();
        lines.take(value);
        timer ??= setTimeout(() => show(), SHOWN_EVERY_MS);
      }
    };
    const read = async () => {
      for (let pause = 300; !ending.signal.aborted; pause = Math.min(pause * 2, 4000)) {
        try {
          return await readOnce();
        } catch (fault) {
          if (ending.signal.aborted) return;
          const problem = fault instanceof Problem ? fault : undefined;
          show(problem);
          if (problem && !problem.isUnreachable) return;
          await new Promise((resolve) => setTimeout(resolve, pause));
        }
      }
    };
    void read();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [url]);
  return shown;
}
