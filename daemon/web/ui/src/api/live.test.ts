import { expect, test } from "vitest";

import { isOutdatedBy } from "./live";

const change = { run_id: "r1" };

test("a change makes old what is about its run, and the lists", () => {
  const urls = ["/api/v1/runs/r1", "/api/v1/runs/r1/events", "/api/v1/runs?limit=5", "/api/v1/approvals", "/api/v1/chains"];

  expect(urls.filter((url) => !isOutdatedBy(change, url))).toEqual([]);
});

test("other runs and definitions stay", () => {
  const urls = ["/api/v1/runs/r2", "/api/v1/chains/demo?ref=x", "/api/v1/openapi.json"];

  expect(urls.filter((url) => isOutdatedBy(change, url))).toEqual([]);
});
