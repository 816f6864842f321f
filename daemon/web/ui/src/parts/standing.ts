/** How a thing stands, as one word: its outcome once it has ended, its state until then. Icons, colours and words hang on it. */

export type Standing =
  | "queued"
  | "waiting"
  | "starting"
  | "running"
  | "stopping"
  | "succeeded"
  | "failed"
  | "timed_out"
  | "cancelled"
  | "skipped"
  | "lost"
  | "idle";

export interface Stands {
  state: string;
  outcome: string | null;
}

export function standing({ state, outcome }: Stands): Standing {
  return (outcome ?? (state || "idle")) as Standing;
}

/** Of an agent without a turn there is nothing to say yet. */
export function standingOfAgent(agent: Stands & { turns: unknown[] }): Standing {
  return agent.turns.length === 0 && !agent.outcome ? "idle" : standing(agent);
}

export const WORDS: Record<Standing, string> = {
  queued: "queued",
  waiting: "waiting",
  starting: "starting",
  running: "running",
  stopping: "stopping",
  succeeded: "succeeded",
  failed: "failed",
  timed_out: "timed out",
  cancelled: "cancelled",
  skipped: "skipped",
  lost: "lost",
  idle: "not started",
};

export const isFailure = (one: Standing) => one === "failed" || one === "timed_out" || one === "lost";
export const isActive = (one: Standing) => one === "running" || one === "starting" || one === "stopping";

/** What explains an end or a hold to people: the reason's words, and the detail beside it. */
export function why({ reason, detail }: { reason: string | null; detail: string }): string {
  const said = reason ? reason.replaceAll("-", " ") : "";
  if (said && detail) return `${said}: ${detail}`;
  return said || detail;
}
