/** A run as bars on a line of time: what each agent waited and worked, attempt by attempt, and when it said something. */
import type { Attempt, RunDetail, RunEvent } from "../api/types";
import { standing, type Standing } from "../parts/standing";

export interface Bar {
  key: string;
  from: number;
  to: number | null;
  is: Standing;
  label: string;
}

export interface Wait {
  from: number;
  to: number | null;
}

export interface Lane {
  agent: string;
  bars: Bar[];
  waits: Wait[];
  marks: { at: number; name: string; number: number }[];
}

export interface Line {
  from: number;
  to: number;
  lanes: Lane[];
}

/** `now` is the end of what has not ended. `queuedAt` tells when a turn was put in the queue: `agent turn` → time. */
export function lineOf(run: RunDetail, events: RunEvent[], queuedAt: Map<string, number>, now: number): Line {
  const from = run.created_at;
  const to = Math.max(run.ended_at ?? now, from + 0.001);
  const lanes = Object.entries(run.agents).map(([agent, { turns }]): Lane => {
    const attempts = turns.flatMap((turn) => turn.attempts.map((attempt) => ({ turn: turn.turn, attempt })));
    const waits = turns.flatMap((turn): Wait[] => {
      const queued = queuedAt.get(`${agent} ${turn.turn}`);
      const first = turn.attempts.find((attempt) => attempt.started_at !== null)?.started_at ?? null;
      if (queued === undefined || turn.adopted_from || (first === null && turn.state === "finished")) return [];
      return [{ from: queued, to: first }];
    });
    return {
      agent,
      waits,
      bars: attempts.filter(({ attempt }) => attempt.started_at !== null).map(({ turn, attempt }) => barOf(turn, attempt)),
      marks: events
        .filter((event) => event.agent === agent && event.fate !== "automatic")
        .map(({ at, name, number }) => ({ at, name, number })),
    };
  });
  return { from, to, lanes };
}

function barOf(turn: number, attempt: Attempt): Bar {
  const leg = attempt.leg === null ? "" : `, leg ${attempt.leg}`;
  return {
    key: attempt.id,
    from: attempt.started_at!,
    to: attempt.ended_at,
    is: standing(attempt),
    label: `turn ${turn}, attempt ${attempt.attempt}${leg}`,
  };
}

/** Where a time stands, in hundredths of the line. */
export function at(line: Line, time: number): number {
  return Math.min(100, Math.max(0, ((time - line.from) / (line.to - line.from)) * 100));
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

/** Round distances from the beginning, at most `most` of them. */
export function ticks(line: Line, most = 8): number[] {
  const length = line.to - line.from;
  const step = STEPS.find((one) => length / one <= most) ?? length / most;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
}
