import { expect, test } from "vitest";

import { heightOf, LINE, scrollTo, topOf } from "./window";

const FRAME = 600;

test("a list that fits is scrolled pixel by pixel", () => {
  expect(topOf(1_010, 5_000, FRAME)).toEqual({ first: 50, above: 10 });
  expect(heightOf(5_000)).toBe(5_000 * LINE);
});

test("of one that is too high for a browser each line can be reached, the last too", () => {
  const count = 3_000_000;
  const end = topOf(heightOf(count) - FRAME, count, FRAME);

  expect(end.first * LINE + end.above + FRAME).toBe(count * LINE);
  for (const line of [0, 7, 1_234_567, 2_999_990]) {
    const { first } = topOf(scrollTo(line, count, FRAME), count, FRAME);
    expect(first).toBeLessThanOrEqual(line);
    expect(first + FRAME / LINE).toBeGreaterThan(line);
  }
});
