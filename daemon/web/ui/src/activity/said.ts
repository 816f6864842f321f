/** The journal of an agent as sentences: what happened to it, and what it did. Entries that say nothing to people are left out. */
import type { Change } from "../api/types";

/** What kind of thing it was, for its mark. */
export type Tone = "queued" | "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "said";

export interface Deed {
  seq: number;
  at: number;
  tone: Tone;
  text: string;
}

type Data = Record<string, unknown>;
type Teller = (data: Data) => [Tone, string] | null;

const TONES: Record<string, Tone> = { succeeded: "succeeded", failed: "failed", timed_out: "failed", lost: "failed", cancelled: "cancelled" };
const ended = (what: string): Teller => ({ outcome, detail }) =>
  typeof outcome === "string" ? [TONES[outcome] ?? "queued", `${what} ${outcome.replaceAll("_", " ")}${detail ? `: ${String(detail)}` : ""}`] : null;

const SIGNS: Record<string, string> = {
  bell: "it rang the bell",
  title: "it said so in its title",
  idle: "it has been silent",
  prompt: "it shows a prompt",
  "disk-full": "its host's disk is full",
};

const TELLERS: Record<string, Teller> = {
  TurnQueued: ({ turn, consumed }) => {
    const events = Array.isArray(consumed) && consumed.length > 0 ? ` by event ${consumed.map((one) => `#${String(one)}`).join(", ")}` : "";
    return ["queued", `turn ${String(turn)} was called for${events}`];
  },
  TurnStarted: ({ turn }) => ["running", `turn ${String(turn)} began`],
  AttemptScheduled: ({ attempt, due }) => (Number(attempt) > 1 || due ? ["queued", `attempt ${String(attempt)} was planned`] : null),
  SessionStarted: ({ host, pid }) => ["running", `it started on ${String(host)}${pid ? `, process ${String(pid)}` : ""}`],
  EventEmitted: ({ name }) => ["said", `it emitted ${String(name)}`],
  AttentionRaised: ({ cause }) => ["waiting", `it waits for a person: ${SIGNS[String(cause)] ?? String(cause)}`],
  AttentionCleared: () => ["running", "it waits for nobody any more"],
  ApprovalRequested: () => ["waiting", "people were asked to agree"],
  ApprovalDecided: ({ actor, verdict, comment }) => [
    verdict === "approve" ? "running" : "failed",
    `${String(actor)} ${verdict === "approve" ? "approved" : "rejected"} it${comment ? `: ${String(comment)}` : ""}`,
  ],
  ApprovalGranted: () => ["running", "it may go on"],
  SessionExited: ({ code, signal }) => [
    code === 0 ? "succeeded" : "failed",
    signal ? `it was ended by signal ${String(signal)}` : `it ended with exit code ${String(code)}`,
  ],
  StepStarted: ({ step }) => ["running", `step ${String(step)} began`],
  StepExited: ({ step, code }) => [code === 0 ? "succeeded" : "failed", `step ${String(step)} ended${code === 0 ? "" : ` with exit code ${String(code)}`}`],
  SessionLost: () => ["failed", "it is not known how it ended"],
  AttemptFinished: ended("the attempt"),
  TurnFinished: ended("the turn"),
};

/** What was done by and to `agent`; of one attempt, where that is named, and of its turn. */
export function deedsOf(changes: readonly Change[], agent: string, one?: { id: string; turn: number }): Deed[] {
  const fits = (told: unknown, wanted: unknown) => told === undefined || told === null || told === wanted;
  const isMeant = (data: Data) => !one || (fits(data["attempt_id"], one.id) && fits(data["turn"], one.turn));
  return changes.flatMap(({ seq, at, kind, agent: whose, data }) => {
    if (whose !== agent || !isMeant(data)) return [];
    const told = TELLERS[kind]?.(data);
    return told ? [{ seq, at, tone: told[0], text: told[1] }] : [];
  });
}
