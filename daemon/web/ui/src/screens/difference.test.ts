import { expect, test } from "vitest";

import { difference } from "./difference";

test("equal texts differ in nothing", () => {
  expect(difference("a\nb", "a\nb")).toBe("");
});

test("what was taken away and added is told, with what stands around it", () => {
  expect(difference("a\nb\nc", "a\nx\nc").split("\n")).toEqual([" a", "-b", "+x", " c"]);
});

test("what is far from a change is left out", () => {
  const long = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  const changed = [...long.slice(0, 19), "other"];

  expect(difference(long.join("\n"), changed.join("\n")).split("\n")).toEqual([
    "@@",
    " line 16",
    " line 17",
    " line 18",
    "-line 19",
    "+other",
  ]);
});
