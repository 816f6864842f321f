/** Something that waits for a person, with its answer beside it. */
import { useState } from "react";

import { outdate } from "../api/cache";
import { post } from "../api/client";
import type { Approval } from "../api/types";
import { Link } from "../router";
import { Action } from "./button";
import { Icon } from "./icon";
import { Json } from "./json";
import { say } from "./notices";
import { runName, runPath } from "./run-facts";
import { Ago } from "./time";

export async function answer(approval: Approval, verdict: "approve" | "reject", comment: string): Promise<void> {
  await post(`/runs/${approval.run_id}/${verdict}`, { agent: approval.agent, comment });
  say(verdict === "approve" ? "Approved" : "Rejected", `${runName(approval)}${approval.agent ? `, ${approval.agent}` : ""}`);
  outdate(() => true);
}

/** What is asked, in a sentence. */
export function asked(approval: Approval): string {
  if (approval.limit) return `The limit of ${approval.limit} is reached. May it go on with as much again?`;
  return approval.message || `May ${approval.agent} start?`;
}

export const approvalKey = (one: Approval) => `${one.run_id} ${one.agent ?? ""} ${one.turn ?? ""} ${one.limit ?? ""}`;

interface CardProps {
  approval: Approval;
  isAt?: boolean;
  showsRun?: boolean;
  /** Without a comment and what it gets: one line and its answer. */
  isShort?: boolean;
}

export function ApprovalCard({ approval, isAt = false, showsRun = true, isShort = false }: CardProps) {
  const [comment, setComment] = useState("");
  const inputs = Object.keys(approval.inputs).length;
  return (
    <article className={`card approval ${isAt ? "at" : ""} ${isShort ? "short" : ""}`} aria-label={asked(approval)}>
      <header>
        <Icon name="bell" size={15} />
        <h2>{asked(approval)}</h2>
      </header>
      <p className="facts">
        {showsRun && <Link to={runPath({ id: approval.run_id })}>{runName(approval)}</Link>}
        {approval.agent && <span className="mono">{approval.agent}</span>}
        <span>
          asked <Ago at={approval.asked_at} />
        </span>
        {approval.due !== null && (
          <span>
            decided without you <Ago at={approval.due} />
          </span>
        )}
        {approval.count > 1 && (
          <span>
            {approval.approved_by.length} of {approval.count} have agreed
          </span>
        )}
        {approval.by.length > 0 && <span>asks {approval.by.join(", ")}</span>}
        {approval.legs_count > 0 && <span>{approval.legs_count} legs</span>}
      </p>
      {inputs > 0 && !isShort && (
        <details>
          <summary>What it gets</summary>
          <Json value={approval.inputs} />
        </details>
      )}
      <div className="answer">
        {!isShort && (
          <label>
            <span className="unseen">Comment for the agent</span>
            <input placeholder="Comment (handed to the agent)" value={comment} onChange={(event) => setComment(event.target.value)} />
          </label>
        )}
        <Action icon="check" look="primary" data-answer="approve" act={() => answer(approval, "approve", comment)}>
          Approve
        </Action>
        <Action icon="close" look="danger" data-answer="reject" act={() => answer(approval, "reject", comment)}>
          Reject
        </Action>
      </div>
    </article>
  );
}
