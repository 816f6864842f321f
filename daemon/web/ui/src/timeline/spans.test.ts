import { expect, test } from "vitest";

import type { RunDetail } from "../api/types";
import { at, lineOf, ticks } from "./spans";

const attempt = { id: "r-a-1-1", attempt: 1, leg: null, state: "finished", outcome: "succeeded", started_at: 12, ended_at: 15 };
const turn = { turn: 1, state: "finished", outcome: "succeeded", adopted_from: null, attempts: [attempt], legs: [] };
const run = { created_at: 10, ended_at: 20, agents: { a: { turns: [turn] } } } as unknown as RunDetail;
const queued = new Map([["a 1", 10.5]]);

test("an agent waits from the queue to its start, and works from there to its end", () => {
  const { lanes } = lineOf(run, [], queued, 99);

  expect(lanes[0]!.waits).toEqual([{ from: 10.5, to: 12 }]);
  expect(lanes[0]!.bars[0]).toMatchObject({ from: 12, to: 15, is: "succeeded" });
});

test("the line ends with the run, or now", () => {
  expect(lineOf(run, [], queued, 99).to).toBe(20);
  expect(lineOf({ ...run, ended_at: null }, [], queued, 99).to).toBe(99);
});

test("times stand where they belong, and never outside", () => {
  const line = lineOf(run, [], queued, 99);

  expect([9, 10, 15, 20, 30].map((time) => at(line, time))).toEqual([0, 0, 50, 100, 100]);
});

test("the scale has round steps, not too many", () => {
  expect(ticks({ from: 0, to: 18, lanes: [] })).toEqual([0, 5, 10, 15]);
  expect(ticks({ from: 0, to: 0.001, lanes: [] }).length).toBeLessThanOrEqual(9);
});
