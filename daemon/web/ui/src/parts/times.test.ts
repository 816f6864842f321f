import { expect, test } from "vitest";

import { bytes, distance, duration } from "./times";

test("durations have one or two parts", () => {
  expect([0, 0.0001, 0.14, 1, 9.96].map(duration)).toEqual(["0s", "1ms", "140ms", "1.0s", "10.0s"]);
  expect([42, 75, 3600, 7300, 90_000].map(duration)).toEqual(["42s", "1m 15s", "1h", "2h 1m", "1d 1h"]);
});

test("distances look both ways", () => {
  expect([100, 88, 40, -3500, 110, 4000].map((at) => distance(at, 100))).toEqual(["now", "12s ago", "1m ago", "1h ago", "in 10s", "in 1h"]);
});

test("sizes are in the units of files", () => {
  expect([0, 1023, 1536, 5 * 1024 * 1024].map(bytes)).toEqual(["0 B", "1023 B", "1.5 KiB", "5.0 MiB"]);
});
