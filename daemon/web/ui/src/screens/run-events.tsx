/** The events of a run: who emitted them, what they said, who took them. */
import { useState } from "react";

import type { Resource } from "../api/cache";
import { post } from "../api/client";
import type { RunDetail, RunEvent } from "../api/types";
import { Action, Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { Json } from "../parts/json";
import { say } from "../parts/notices";
import { agentPath } from "../parts/run-facts";
import { Empty, Shown } from "../parts/shown";
import { Table } from "../parts/table";
import { clock, duration } from "../parts/times";
import { Link } from "../router";

const FATES: Record<string, string> = { routed: "succeeded", staged: "queued", refused: "failed", discarded: "cancelled", late: "timed_out" };

export function RunEvents({ run, events }: { run: RunDetail; events: Resource<{ items: RunEvent[] }> }) {
  const [sends, setSends] = useState(false);
  return (
    <>
      {run.state !== "finished" && (
        <div className="bar">
          <span className="grow" />
          <Button icon="events" onClick={() => setSends(true)}>
            Send an event
          </Button>
        </div>
      )}
      <Shown of={events}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="events" title="No events">
              <p>Agents of this run have not said anything to each other{run.state === "finished" ? "" : " yet"}.</p>
            </Empty>
          ) : (
            <Table label="Events" columns={[["#", "end wide-only"], ["Event"], ["From"], ["To"], ["Fate", "wide-only"], ["At", "end"]]}>
              {items.map((event) => (
                <EventRow key={event.number} event={event} run={run} />
              ))}
            </Table>
          )
        }
      </Shown>
      {sends && <SendDialog run={run} onClose={() => setSends(false)} />}
    </>
  );
}

function EventRow({ event, run }: { event: RunEvent; run: RunDetail }) {
  const hasData = event.data !== null && event.data !== undefined;
  return (
    <tr>
      <td className="end num faint wide-only">{event.number}</td>
      <td className="main-cell">
        {hasData ? (
          <details>
            <summary className="mono">{event.name}</summary>
            <Json value={event.data} />
          </details>
        ) : (
          <span className="mono">{event.name}</span>
        )}
      </td>
      <td>{event.agent ? <Link to={agentPath(run.id, event.agent)}>{event.agent}</Link> : <span className="faint">from outside</span>}</td>
      <td>
        {event.deliveries.length === 0 ? (
          <span className="faint">{event.fate === "routed" ? "nobody" : event.fate}</span>
        ) : (
          event.deliveries.map((delivery, index) => (
            <span key={index} className="consumer" title={String(delivery["state"])}>
              <Link to={agentPath(run.id, String(delivery["agent"]))}>{String(delivery["agent"])}</Link>
              <span className="faint">
                {delivery["state"] === "consumed" ? ` turn ${String(delivery["turn"])}` : ` ${String(delivery["state"])}`}
              </span>
            </span>
          ))
        )}
      </td>
      <td className="wide-only">
        <span className={`tag is-${FATES[event.fate] ?? "queued"}`} title={event.why || undefined}>
          {event.fate}
        </span>
        {event.why && <span className="reason">{event.why}</span>}
      </td>
      <td className="end num faint" title={clock(event.at)}>
        +{duration(event.at - run.created_at)}
      </td>
    </tr>
  );
}

function SendDialog({ run, onClose }: { run: RunDetail; onClose: () => void }) {
  const [name, setName] = useState("");
  const [data, setData] = useState("");
  const send = async () => {
    await post(`/runs/${run.id}/events`, { name, data: data.trim() ? JSON.parse(data) : null });
    say(`${name} was sent`);
    onClose();
  };
  return (
    <Dialog
      title="Send an event into this run"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <Action look="primary" icon="events" act={send} disabled={!name}>
            Send
          </Action>
        </>
      }
    >
      <label className="field">
        <span>Name</span>
        <input className="mono" value={name} placeholder="draft.ready" onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="field">
        <span>Data (JSON)</span>
        <textarea className="mono" rows={5} value={data} placeholder='{"file": "draft.md"}' onChange={(event) => setData(event.target.value)} />
      </label>
    </Dialog>
  );
}
