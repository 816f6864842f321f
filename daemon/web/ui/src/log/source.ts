/** The output of an attempt as it grows: whole at first, then what comes, and after a break whole again. */
import { useEffect, useRef, useState } from "react";

import { address, ask, Problem } from "../api/client";
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
  isWhole: boolean;
  problem: Problem | undefined;
}

export const logAddress = ({ run, ...query }: LogOf, more: Record<string, boolean> = {}) =>
  address(`/runs/${run}/log`, { ...query, ...more });

const SHOWN_EVERY_MS = 60;

export function useLog(of: LogOf, isFollowed: boolean): GrowingLog {
  const [shown, setShown] = useState<GrowingLog>({ lines: [], version: 0, isWhole: false, problem: undefined });
  const key = logAddress(of, { follow: isFollowed });
  const version = useRef(0);
  useEffect(() => {
    const ending = new AbortController();
    let lines = new LogLines();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (isWhole: boolean, problem?: Problem) => {
      clearTimeout(timer);
      timer = undefined;
      version.current += 1;
      setShown({ lines: lines.lines, version: version.current, isWhole, problem });
    };
    const read = async () => {
      for (let pause = 300; !ending.signal.aborted; pause = Math.min(pause * 2, 4000)) {
        try {
          const response = await ask(key, { signal: ending.signal });
          lines = new LogLines();
          const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
          for (;;) {
            const { done, value } = await reader.read();
            if (done) return show(true);
            lines.take(value);
            timer ??= setTimeout(() => show(false), SHOWN_EVERY_MS);
          }
        } catch (fault) {
          if (ending.signal.aborted) return;
          const problem = fault instanceof Problem ? fault : undefined;
          if (problem && !problem.isUnreachable) return show(true, problem);
          show(false, problem);
          await new Promise((resolve) => setTimeout(resolve, pause));
        }
      }
    };
    void read();
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [key]);
  return shown;
}
