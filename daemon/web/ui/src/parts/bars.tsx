/** The last runs of a chain as bars: height is duration, colour and pattern the outcome; told in words to screen readers. */
import type { Run } from "../api/types";
import { isFailure, standing, WORDS } from "./standing";
import { duration } from "./times";

export type RecentRun = Pick<Run, "id" | "number" | "state" | "outcome" | "created_at" | "started_at" | "ended_at">;

const HEIGHT = 24;
const LOWEST = 4;

export function Bars({ runs, most = 30 }: { runs: RecentRun[]; most?: number }) {
  const shown = runs.slice(-most);
  const longest = Math.max(0.001, ...shown.map(lengthOf));
  const failed = shown.filter((run) => isFailure(standing(run))).length;
  return (
    <div className="bars" role="img" aria-label={shown.length ? `last ${shown.length} runs, ${failed} failed` : "no runs yet"}>
      {Array.from({ length: most - shown.length }, (_, index) => (
        <span key={`none ${index}`} className="none" />
      ))}
      {shown.map((run) => {
        const is = standing(run);
        const height = LOWEST + (HEIGHT - LOWEST) * Math.sqrt(lengthOf(run) / longest);
        const title = `#${run.number} ${WORDS[is]}${run.ended_at ? `, ${duration(lengthOf(run))}` : ""}`;
        return <span key={run.id} className={`is-${is}`} style={{ height }} title={title} />;
      })}
    </div>
  );
}

const lengthOf = (run: RecentRun) => Math.max(0, (run.ended_at ?? Date.now() / 1000) - (run.started_at ?? run.created_at));

/** How many of those that ended by themselves succeeded; null without any. */
export function reliability(runs: readonly RecentRun[]): number | null {
  const judged = runs.map(standing).filter((is) => is === "succeeded" || isFailure(is));
  return judged.length ? judged.filter((is) => is === "succeeded").length / judged.length : null;
}
