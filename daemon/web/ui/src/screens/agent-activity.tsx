/** What an agent of a run did and what was done to it, told as it happens. The journal of the run has every entry. */
import { useActivity } from "../api/activity";
import type { RunDetail } from "../api/types";
import { deedsOf } from "../activity/said";
import { Empty, Loading } from "../parts/shown";
import { clock, duration } from "../parts/times";
import { Link } from "../router";
import { runPath } from "../parts/run-facts";

export function AgentActivity({ run, agent, attempt }: { run: RunDetail; agent: string; attempt: { id: string; turn: number } | undefined }) {
  const { changes } = useActivity(run.id);
  if (changes.length === 0) return <Loading rows={5} />;
  const deeds = deedsOf(changes, agent, attempt);
  if (deeds.length === 0) return <Empty icon="clock" title="Nothing has happened to it yet" />;
  return (
    <>
      <ol className="deeds" aria-label={`Activity of ${agent}`}>
        {deeds.map(({ seq, at, tone, text }) => (
          <li key={seq} className={`is-${tone === "said" ? "running" : tone}`}>
            <time className="num" title={`${duration(at - run.created_at)} after the run was called for`}>
              {clock(at)}
            </time>
            <span className={`deed-mark ${tone === "said" ? "said-mark" : ""}`} aria-hidden="true" />
            <span>{text}</span>
          </li>
        ))}
      </ol>
      <p className="faint">
        <Link to={`${runPath(run)}/journal`}>The journal</Link> has every entry.
      </p>
    </>
  );
}
