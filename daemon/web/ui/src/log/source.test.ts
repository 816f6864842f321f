import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { LogParts } from "./source";

const OF = { run: "r", agent: "a", turn: 1, attempt: 1, leg: null };

/** A daemon with a log of so many lines. */
function daemon(state: { total: number; isGrowing: boolean }) {
  const asked: number[] = [];
  const answer = async (url: string) => {
    const first = Number(new URL(url, "http://d").searchParams.get("first"));
    asked.push(first);
    const count = Math.max(0, Math.min(500, state.total - first + 1));
    const lines = Array.from({ length: count }, (_, index) => ({ number: first + index, at: 1, text: `line ${first + index} of ${state.total}` }));
    return { attempt_id: "x", lines, total: state.total, size: 1, is_growing: state.isGrowing };
  };
  const parts = new LogParts(OF, answer);
  return { asked, parts, leave: parts.subscribe(() => {}) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("only what is looked at is asked for", async () => {
  const { asked, parts } = daemon({ total: 100_000, isGrowing: false });
  await vi.runAllTimersAsync();
  parts.shown.look(70_000, 70_040);
  await vi.runAllTimersAsync();

  expect(asked).toEqual([1, 70_001]);
  expect(parts.shown.line(70_003)?.text).toBe("line 70004 of 100000");
  expect(parts.shown.line(500)).toBeUndefined();
});

test("what grows is read on, and what was its end before is read again", async () => {
  const state = { total: 3, isGrowing: true };
  const { parts, leave } = daemon(state);
  await vi.advanceTimersByTimeAsync(0);
  state.total = 1_200;
  await vi.advanceTimersByTimeAsync(700);
  parts.shown.look(0, 1_200);
  await vi.advanceTimersByTimeAsync(700);

  expect(parts.shown.total).toBe(1_200);
  expect(parts.shown.line(1_199)?.text).toBe("line 1200 of 1200");
  expect(parts.shown.line(400)?.text).toBe("line 401 of 1200");
  leave();
});

test("once it has ended nothing is asked any more", async () => {
  const state = { total: 3, isGrowing: true };
  const { asked, parts } = daemon(state);
  await vi.advanceTimersByTimeAsync(0);
  state.isGrowing = false;
  await vi.runAllTimersAsync();

  expect(parts.shown.isGrowing).toBe(false);
  expect(asked).toEqual([1, 1]);
});
