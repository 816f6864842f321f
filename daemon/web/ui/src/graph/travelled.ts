/** Along which arrows of a chain a run has gone so far, and how often: `from → to`. */
import type { RunDetail, RunEvent } from "../api/types";
import type { Arrow } from "./arrows";

export function travelled(run: RunDetail, events: readonly RunEvent[], arrows: readonly Arrow[]): Map<string, number> {
  const found = new Map<string, number>();
  const add = (key: string) => found.set(key, (found.get(key) ?? 0) + 1);
  for (const event of events) {
    if (event.agent === null) continue;
    for (const delivery of event.deliveries) {
      if (delivery["state"] === "consumed") add(`${event.agent} → ${String(delivery["agent"])}`);
    }
  }
  for (const { from, to, events: names } of arrows) {
    const started = run.agents[to]?.turns.some((turn) => turn.outcome !== "skipped") ?? false;
    if (names.length === 0 && started) add(`${from} → ${to}`);
  }
  return found;
}
