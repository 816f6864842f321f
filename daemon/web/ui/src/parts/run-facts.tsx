/** Small facts of runs that several screens show: why it began, at which commit, who. */
import type { Run } from "../api/types";
import { Link } from "../router";
import { Icon, type IconName } from "./icon";
import { CopyText } from "./copy";

const TRIGGERS: Record<string, { icon: IconName; text: string }> = {
  manual: { icon: "person", text: "by hand" },
  schedule: { icon: "schedules", text: "schedule" },
  retry: { icon: "retry", text: "retry" },
  call: { icon: "chains", text: "called" },
  webhook: { icon: "deliveries", text: "webhook" },
  event: { icon: "events", text: "event" },
  chain: { icon: "chains", text: "after a chain" },
  push: { icon: "commit", text: "push" },
  pull_request: { icon: "changes", text: "pull request" },
};

/** Why it began, and who is behind it. */
export function Cause({ run }: { run: Pick<Run, "trigger"> }) {
  const kind = String(run.trigger["kind"] ?? "");
  const actor = String(run.trigger["actor"] ?? "");
  const { icon, text } = TRIGGERS[kind] ?? { icon: "play" as const, text: kind };
  return (
    <span className="fact" title={actor ? `${text}, ${actor}` : text}>
      <Icon name={icon} size={13} />
      {kind === "manual" && actor ? actor : text}
    </span>
  );
}

export function Commit({ id }: { id: string | null }) {
  if (!id) return null;
  return (
    <span className="fact">
      <Icon name="commit" size={13} />
      <CopyText text={id} shown={id.slice(0, 7)} what="commit" />
    </span>
  );
}

export const runPath = (run: { id: string }) => `/runs/${run.id}`;
export const runName = (run: Pick<Run, "chain" | "number">) => `${run.chain} #${run.number}`;
export const agentPath = (run: string, agent: string) => `/runs/${run}/agents/${encodeURIComponent(agent)}`;

export function RunLink({ run, text }: { run: string; text?: string }) {
  return <Link to={`/runs/${run}`}>{text ?? run}</Link>;
}
