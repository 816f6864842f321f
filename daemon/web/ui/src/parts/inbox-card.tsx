/** Something that waits for a person: an approval or a limit with its answer, or an agent whose terminal takes one. */
import type { Answer } from "../api/types";
import { Link } from "../router";
import { ApprovalCard } from "./approval-card";
import { Icon } from "./icon";
import { agentPath, runName, runPath } from "./run-facts";
import { Ago } from "./time";

export type InboxItem = Answer<"/api/v1/inbox">["items"][number];

export const inboxKey = (item: InboxItem) => `${item.kind} ${item.run_id} ${item.agent ?? ""} ${item.turn ?? ""} ${item.attempt_id ?? ""} ${item.reason}`;

/** Where the answer to an item is given that is no yes or no. */
export const terminalOf = (item: InboxItem) =>
  `${agentPath(item.run_id, item.agent ?? "")}?view=terminal${item.attempt_id ? `&attempt=${encodeURIComponent(item.attempt_id)}` : ""}`;

interface CardProps {
  item: InboxItem;
  isAt?: boolean;
  showsRun?: boolean;
  isShort?: boolean;
}

export function InboxCard({ item, ...rest }: CardProps) {
  return item.approval ? <ApprovalCard approval={item.approval} {...rest} /> : <Asks item={item} {...rest} />;
}

const SIGNS: Record<string, string> = {
  bell: "rang the bell",
  title: "says so in its title",
  idle: "has been silent",
  prompt: "shows a prompt",
  "disk-full": "finds no room on the disk of its host",
};

function Asks({ item, isAt = false, showsRun = true, isShort = false }: CardProps) {
  return (
    <article className={`card approval ${isAt ? "at" : ""} ${isShort ? "short" : ""}`} aria-label={`${item.agent} waits for an answer`}>
      <header>
        <Icon name="terminal" size={15} />
        <h2>{item.agent} waits for an answer</h2>
      </header>
      <p className="facts">
        {showsRun && <Link to={runPath({ id: item.run_id })}>{runName(item)}</Link>}
        <span>{SIGNS[item.reason] ?? item.reason}</span>
        <span>
          since <Ago at={item.since} />
        </span>
      </p>
      {item.excerpt && !isShort && <pre className="json excerpt">{item.excerpt}</pre>}
      <div className="answer">
        <Link className="button primary" to={terminalOf(item)}>
          <Icon name="keyboard" size={14} />
          Open its terminal
        </Link>
      </div>
    </article>
  );
}
