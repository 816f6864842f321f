/**
 * The output of an attempt as numbered lines with their times, held as far as somebody looks.
 *
 * The daemon numbers them, so a log of any length is as quick as one of ten lines, and a link to a line is right for ever. Of one that
 * grows the end is asked for again and again.
 */
import { useMemo, useSyncExternalStore } from "react";

import { address, ask, Problem } from "../api/client";
import type { Answer } from "../api/types";

export interface LogOf {
  run: string;
  agent: string;
  turn: number;
  attempt: number;
  leg: string | null;
}

type Part = Answer<"/api/v1/runs/{run}/log/lines">;
type Matches = Answer<"/api/v1/runs/{run}/log/matches">;
export type LogLine = Part["lines"][number];

export interface ShownLog {
  /** How many lines there are so far; null until that is known. */
  total: number | null;
  isGrowing: boolean;
  problem: Problem | undefined;
  /** A line by its place, from 0; undefined while it is not here. */
  line: (place: number) => LogLine | undefined;
  /** Say which lines are looked at, from one place up to another. */
  look: (from: number, to: number) => void;
  /** Places of the lines that hold a text, and whether these are all. */
  find: (text: string, signal: AbortSignal) => Promise<{ places: number[]; isWhole: boolean }>;
}

export const logAddress = ({ run, ...query }: LogOf, more: Record<string, boolean> = {}) =>
  address(`/runs/${run}/log`, { ...query, ...more });

export const recordingAddress = ({ run, ...query }: LogOf) => address(`/runs/${run}/recording`, query);

const PART = 500;
/** Parts that are kept: what was looked at before may be asked for again. */
const KEPT = 40;
const GROWS_MS = 600;
const AGAIN_MS = 2_000;

const linesAddress = ({ run, ...query }: LogOf, first: number) =>
  address(`/runs/${run}/log/lines`, { ...query, first, limit: PART });

/** Lines of a log, in parts; tells its reader when there are others. */
export class LogParts {
  #parts = new Map<number, Part["lines"]>();
  #asked = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ending = new AbortController();
  #tell = () => {};
  #last = 0;
  #known: Omit<ShownLog, "line" | "look" | "find"> = { total: null, isGrowing: true, problem: undefined };
  #shown: ShownLog = this.#view();

  constructor(
    readonly of: LogOf,
    readonly fetched: (url: string, signal: AbortSignal) => Promise<unknown> = async (url, signal) => (await ask(url, { signal })).json(),
  ) {}

  get shown(): ShownLog {
    return this.#shown;
  }

  /** Begin to read, until the answer is called. */
  subscribe = (tell: () => void): (() => void) => {
    this.#tell = tell;
    this.#ending = new AbortController();
    void this.#ask(0);
    return () => {
      this.#ending.abort();
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#asked.clear();
    };
  };

  #view(): ShownLog {
    return {
      ...this.#known,
      line: (place) => this.#parts.get(Math.floor(place / PART))?.[place % PART],
      look: (from, to) => this.#look(from, to),
      find: (text, signal) => this.#find(text, signal),
    };
  }

  #look(from: number, to: number): void {
    const last = Math.min(to, (this.#known.total ?? 1) - 1);
    for (let part = Math.floor(from / PART); part <= Math.floor(last / PART); part += 1) if (!this.#parts.has(part)) void this.#ask(part);
  }

  async #find(text: string, signal: AbortSignal) {
    const { run, ...query } = this.of;
    const { numbers, is_whole } = (await this.fetched(address(`/runs/${run}/log/matches`, { ...query, text }), signal)) as Matches;
    return { places: numbers.map((number) => number - 1), isWhole: is_whole };
  }

  async #ask(part: number): Promise<void> {
    if (this.#asked.has(part)) return;
    this.#asked.add(part);
    const { signal } = this.#ending;
    try {
      const told = (await this.fetched(linesAddress(this.of, part * PART + 1), signal)) as Part;
      if (signal.aborted) return;
      this.#take(part, told);
    } catch (fault) {
      if (signal.aborted) return;
      const problem = fault instanceof Problem ? fault : new Problem(-1, "unreadable", "the log cannot be read", String(fault));
      this.#become({ ...this.#known, problem });
      if (problem.isUnreachable) this.#later(part, AGAIN_MS);
    } finally {
      this.#asked.delete(part);
    }
  }

  #take(part: number, told: Part): void {
    const last = Math.max(0, Math.floor((told.total - 1) / PART));
    if (last > this.#last && part !== this.#last) this.#parts.delete(this.#last); // it was read before its last lines came
    const wasGrowing = this.#known.isGrowing;
    this.#last = last;
    this.#parts.delete(part);
    this.#parts.set(part, told.lines);
    for (const old of this.#parts.keys()) if (this.#parts.size > KEPT) this.#parts.delete(old);
    this.#become({ total: told.total, isGrowing: told.is_growing, problem: undefined });
    if (told.is_growing) this.#later(last, GROWS_MS);
    else if (wasGrowing && part !== last && this.#parts.has(last)) this.#later(last, 0);
  }

  #later(part: number, wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(part), wait);
  }

  #become(known: Omit<ShownLog, "line" | "look" | "find">): void {
    this.#known = known;
    this.#shown = this.#view();
    this.#tell();
  }
}

export function useLog(of: LogOf): ShownLog {
  const key = JSON.stringify(of);
  const parts = useMemo(() => new LogParts(of), [key]); // eslint-disable-line
  return useSyncExternalStore(parts.subscribe, () => parts.shown);
}
