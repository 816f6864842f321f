import { expect, test } from "vitest";

import { isOutdatedBy } from "./live";

const ofRun = { topic: "runs", run_id: "r1" };

test("a change makes old what is about its run, and the lists", () => {
  const urls = ["/api/v1/runs/r1", "/api/v1/runs/r1/events", "/api/v1/runs?limit=5", "/api/v1/approvals", "/api/v1/chains"];

  expect(urls.filter((url) => !isOutdatedBy(ofRun, url))).toEqual([]);
});

test("other runs, and definitions at a commit, stay", () => {
  const urls = ["/api/v1/runs/r2", "/api/v1/runs/r12", "/api/v1/chains/demo?ref=x", "/api/v1/openapi.json", "/api/v1/changes"];

  expect(urls.filter((url) => isOutdatedBy(ofRun, url))).toEqual([]);
});

test("a deployment concerns chains and schedules, and no run", () => {
  const change = { topic: "deployments", run_id: "" };

  expect(["/api/v1/chains", "/api/v1/chains/demo", "/api/v1/schedules"].every((url) => isOutdatedBy(change, url))).toBe(true);
  expect(["/api/v1/runs", "/api/v1/runs/r1"].some((url) => isOutdatedBy(change, url))).toBe(false);
});

test("a topic that is not known yet concerns every list", () => {
  expect(isOutdatedBy({ topic: "teams", run_id: "" }, "/api/v1/changes")).toBe(true);
});
