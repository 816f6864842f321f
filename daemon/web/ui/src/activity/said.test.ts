import { expect, test } from "vitest";

import type { Change } from "../api/types";
import { deedsOf } from "./said";

let seq = 0;
const entry = (kind: string, data: Record<string, unknown> = {}, agent: string | null = "write"): Change => ({
  topic: "runs",
  subject: "r",
  run_id: "r",
  seq: ++seq,
  at: seq,
  kind,
  agent,
  data,
});
const texts = (...changes: Change[]) => deedsOf(changes, "write").map(({ text }) => text);

test("what happened to an agent is told in its order, and nothing of others", () => {
  expect(
    texts(
      entry("TurnQueued", { turn: 2, consumed: [1, 4] }),
      entry("TurnQueued", { turn: 1 }, "edit"),
      entry("SessionStarted", { attempt_id: "a", host: "local", pid: 7 }),
      entry("EventEmitted", { attempt_id: "a", name: "draft.ready" }),
      entry("AttentionRaised", { attempt_id: "a", cause: "bell" }),
      entry("SessionExited", { attempt_id: "a", code: 0, signal: null }),
      entry("TurnFinished", { outcome: "timed_out", detail: "" }),
    ),
  ).toEqual([
    "turn 2 was called for by event #1, #4",
    "it started on local, process 7",
    "it emitted draft.ready",
    "it waits for a person: it rang the bell",
    "it ended with exit code 0",
    "the turn timed out",
  ]);
});

test("who agreed, and what they said, is told", () => {
  expect(texts(entry("ApprovalDecided", { actor: "ada", verdict: "reject", comment: "too long" }))).toEqual(["ada rejected it: too long"]);
});

test("of one attempt there is what concerns it alone, and its turn", () => {
  const changes = [entry("TurnStarted", { turn: 1 }), entry("TurnStarted", { turn: 2 }), entry("SessionExited", { attempt_id: "a", code: 1 }), entry("SessionExited", { attempt_id: "b", code: 0 })];

  expect(deedsOf(changes, "write", { id: "b", turn: 2 }).map(({ text }) => text)).toEqual(["turn 2 began", "it ended with exit code 0"]);
});
