import { expect, test } from "vitest";

import { castOf, until } from "./cast";

const HEADER = '{"version": 3, "term": {"cols": 80, "rows": 24}, "timestamp": 1000}';

test("times are added up", () => {
  const cast = castOf(`${HEADER}\n[0.5, "o", "a"]\n# a comment\n[1.5, "o", "b"]\n[0, "x", "0"]\n`);

  expect(cast.events.map((event) => event.at)).toEqual([0.5, 2, 2]);
  expect([cast.cols, cast.rows, cast.startedAt, cast.length]).toEqual([80, 24, 1000, 2]);
});

test("one that breaks off ends there", () => {
  expect(castOf(`${HEADER}\n[1, "o", "a"]\n[1, "o", "b`).events.length).toBe(1);
});

test("something else is refused", () => {
  expect(() => castOf("hello")).toThrow(/no recording/);
  expect(() => castOf('{"version": 2}')).toThrow(/no recording/);
});

test("what has happened by a time is found", () => {
  const { events } = castOf(`${HEADER}\n[1, "o", "a"]\n[1, "o", "b"]\n[1, "o", "c"]\n`);

  expect([0, 1, 2.5, 9].map((time) => until(events, time))).toEqual([0, 1, 2, 3]);
});
