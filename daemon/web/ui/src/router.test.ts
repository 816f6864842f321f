import { expect, test } from "vitest";

import { escaped, matched } from "./router";

test("a path gives its parts", () => {
  expect(matched("/runs/:run/agents/:agent", "/runs/r1/agents/write")).toEqual({ run: "r1", agent: "write" });
});

test("a path with more or less does not fit", () => {
  expect(matched("/runs/:run", "/runs")).toBeNull();
  expect(matched("/runs/:run", "/runs/r1/x")).toBeNull();
});

test("an id with slashes takes the rest", () => {
  expect(matched("/chains/*chain", "/chains/examples/quorum")).toEqual({ chain: "examples/quorum" });
  expect(matched("/chains/*chain", "/chains")).toBeNull();
});

test("what stands in a path is read and written alike", () => {
  const id = 'a b/<i>"c"/%';

  expect(matched("/chains/*chain", `/chains/${escaped(id)}`)).toEqual({ chain: id });
});

test("a path that cannot be read is taken as it is", () => {
  expect(matched("/runs/:run", "/runs/%E0%A4%A")).toEqual({ run: "%E0%A4%A" });
});
