/** A change: what it would do to chains in force, what it brings as a patch, what people say; approve, reject, merge. */
import { useState } from "react";

import { outdate } from "../api/cache";
import { post } from "../api/client";
import type { Answer } from "../api/types";
import { useGet } from "../api/use";
import { Action } from "../parts/button";
import { say } from "../parts/notices";
import { Page, Section } from "../parts/page";
import { Commit } from "../parts/run-facts";
import { Shown } from "../parts/shown";
import { Tabs } from "../parts/tabs";
import { Ago } from "../parts/time";
import { usePlace, withQuery, type Params } from "../router";
import { ChangeState } from "./changes";

type Detail = Answer<"/api/v1/changes/{change}">;

export default function Change({ params }: { params: Params }) {
  const change = useGet("/api/v1/changes/{change}", { path: { change: params["change"]! } });
  if (!change.data) {
    return (
      <Page title={`Change ${params["change"]}`} crumbs={[{ text: "Changes", to: "/changes" }]}>
        <Shown of={change}>{() => null}</Shown>
      </Page>
    );
  }
  return <Known change={change.data} />;
}

function Known({ change }: { change: Detail }) {
  const { query } = usePlace();
  const view = query.get("view") ?? "plan";
  return (
    <Page
      title={change.title}
      crumbs={[{ text: "Changes", to: "/changes" }]}
      mark={<ChangeState state={change.state} />}
      facts={
        <>
          <span className="num">#{change.number}</span>
          <span>{change.author}</span>
          <span>
            {change.repository} <span className="mono">{change.branch}</span>
          </span>
          <Commit id={change.head} />
          <span>
            opened <Ago at={change.opened_at} />
          </span>
        </>
      }
    >
      {change.state === "open" && <Verdict change={change} />}
      <Tabs
        label="Parts of the change"
        current={view}
        tabs={[
          { id: "plan", text: "Plan", to: withQuery({ view: null }) },
          { id: "diff", text: "Diff", to: withQuery({ view: "diff" }) },
          { id: "talk", text: "History", to: withQuery({ view: "talk" }), count: change.entries.length },
        ]}
      />
      {view === "plan" && <Plan change={change} />}
      {view === "diff" && <Diff change={change} />}
      {view === "talk" && <Talk change={change} />}
    </Page>
  );
}

function Verdict({ change }: { change: Detail }) {
  const [comment, setComment] = useState("");
  const act = (verb: string, body: object, done: string) => async () => {
    await post(`/changes/${change.number}/${verb}`, body);
    setComment("");
    outdate(() => true);
    say(done);
  };
  const { head } = change;
  return (
    <div className="card">
      {change.hindrances.length > 0 && (
        <ul className="hindrances">
          {change.hindrances.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <div className={change.hindrances.length > 0 ? "answer" : "answer tight-top"}>
        <label>
          <span className="unseen">Comment</span>
          <input placeholder="Comment" value={comment} onChange={(event) => setComment(event.target.value)} />
        </label>
        <Action icon="check" act={act("approve", { head, comment }, "Approved")}>
          Approve
        </Action>
        <Action icon="close" look="danger" act={act("reject", { head, comment }, "Rejected")}>
          Reject
        </Action>
        <Action act={act("comments", { text: comment }, "Said")} disabled={!comment}>
          Comment
        </Action>
        <Action look="primary" icon="changes" act={act("merge", { message: comment }, "Merged")} disabled={change.hindrances.length > 0}>
          Merge
        </Action>
        <Action look="ghost" act={act("close", { comment }, "Closed")}>
          Close
        </Action>
      </div>
    </div>
  );
}

function Plan({ change }: { change: Detail }) {
  return (
    <Section title="What its merge would do" aside={Object.keys(change.plans).join(", ")}>
      <pre className="json source" tabIndex={0}>
        {change.text || (change.state === "open" ? "Nothing about chains in force." : "A plan is made while a change is open.")}
      </pre>
    </Section>
  );
}

function Diff({ change }: { change: Detail }) {
  const diff = useGet("/api/v1/changes/{change}/diff", { path: { change: change.number } });
  return <Shown of={diff}>{(told) => <Patch text={told.diff} />}</Shown>;
}

/** A patch with what was added and taken away in colour; the signs at the beginning of the lines say it too. */
export function Patch({ text }: { text: string }) {
  return (
    <pre className="json source patch" tabIndex={0}>
      {text.split("\n").map((line, index) => (
        <span key={index} className={kindOf(line)}>
          {line}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

function kindOf(line: string): string {
  if (/^(diff |index |\+\+\+|---|new file|deleted file)/.test(line)) return "patch-head";
  if (line.startsWith("@@")) return "patch-place";
  if (line.startsWith("+")) return "patch-more";
  return line.startsWith("-") ? "patch-less" : "";
}

function Talk({ change }: { change: Detail }) {
  return (
    <ol className="talk">
      {change.entries.map((entry, index) => (
        <li key={index}>
          <span>
            <strong>{entry.actor}</strong> {entry.step.replace("-", " ")} <span className="mono faint">{entry.head.slice(0, 7)}</span>
          </span>
          <span className="faint">
            <Ago at={entry.at} />
          </span>
          {entry.text && <p>{entry.text}</p>}
        </li>
      ))}
    </ol>
  );
}
