import { expect, test } from "vitest";

import { ranked, score } from "./ranking";

const same = (text: string) => text;

test("letters have to be there, in order", () => {
  expect(score("examples/quorum", "qrm")).not.toBeNull();
  expect(score("examples/quorum", "mrq")).toBeNull();
});

test("the beginning of a word counts for more than its middle", () => {
  expect(ranked(["examples/cascade", "nightly-review", "examples/review-loop"], same, "rev", 1)[0]).toMatch(/review/);
  expect(ranked(["abcde runs", "Runs"], same, "runs", 1)).toEqual(["Runs"]);
});

test("without a word everything is there, in its order", () => {
  expect(ranked(["b", "a"], same, " ", 5)).toEqual(["b", "a"]);
});
