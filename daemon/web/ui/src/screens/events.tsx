/** Events of all runs, those that nobody took among them; and a way to send one to the chains that start with it. */
import { useState } from "react";

import { post } from "../api/client";
import { useGet } from "../api/use";
import { Action } from "../parts/button";
import { say } from "../parts/notices";
import { Page, Section } from "../parts/page";
import { Json } from "../parts/json";
import { Empty, Shown } from "../parts/shown";
import { Table } from "../parts/table";
import { Ago } from "../parts/time";
import { go, Link, usePlace, withQuery } from "../router";

interface Told {
  chain: string;
  fate: string | null;
  run_id: string | null;
  reason: string;
}

export default function Events() {
  const [told, setTold] = useState<Told[] | null>(null);
  return (
    <Page title="Events" facts={<span>Events from outside start the chains that listen to them. Those of agents stay in their run.</span>}>
      <Send onTold={setTold} />
      {told && <Fates told={told} />}
      <Latest />
    </Page>
  );
}

function Send({ onTold }: { onTold: (told: Told[]) => void }) {
  const [name, setName] = useState("");
  const [data, setData] = useState("");
  const send = async () => {
    const answer = await post<{ items: Told[] }>("/events", { name, data: data.trim() ? JSON.parse(data) : null });
    onTold(answer.items);
    say(`${name} was sent`);
  };
  return (
    <div className="card">
      <div className="answer tight-top">
        <label>
          <span className="unseen">Name of the event</span>
          <input className="mono" placeholder="name, such as release.published" value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          <span className="unseen">Data, as JSON</span>
          <input className="mono" placeholder='data as JSON, such as {"version": 3}' value={data} onChange={(event) => setData(event.target.value)} />
        </label>
        <Action look="primary" icon="events" act={send} disabled={!name}>
          Send
        </Action>
      </div>
    </div>
  );
}

function Fates({ told }: { told: Told[] }) {
  return (
    <Section title="What became of it">
      <ul className="rows boxed">
        {told.map((one) => (
          <li key={one.chain}>
            <span>{one.run_id ? <Link to={`/runs/${one.run_id}`}>{one.chain}</Link> : one.chain}</span>
            <span className="faint">
              {one.fate ?? "will be told"} {one.reason}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Latest() {
  const { query } = usePlace();
  const name = query.get("name") ?? "";
  const unmatched = query.get("unmatched") === "1";
  const events = useGet("/api/v1/events", { query: { name, unmatched: unmatched || null, limit: 100 } });
  return (
    <Section
      title="Latest events"
      aside={
        <label className="check inline">
          <input type="checkbox" checked={unmatched} onChange={(event) => go(withQuery({ unmatched: event.target.checked ? "1" : null }), { replace: true })} />
          <span>Only those that nobody took</span>
        </label>
      }
    >
      <Shown of={events}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="events" title={unmatched ? "Every event was taken" : "No agent has emitted an event yet"} />
          ) : (
            <Table label="Latest events" columns={[["Event"], ["From"], ["To"], ["Run", "wide-only"], ["When", "end"]]}>
              {items.map((event) => (
                <tr key={`${event.run_id} ${event.number}`}>
                  <td className="half-cell">
                    {event.data === null || event.data === undefined ? (
                      <span className="mono">{event.name}</span>
                    ) : (
                      <details>
                        <summary className="mono">{event.name}</summary>
                        <Json value={event.data} />
                      </details>
                    )}
                  </td>
                  <td>{event.agent ?? <span className="faint">from outside</span>}</td>
                  <td>
                    {event.deliveries.length > 0 ? (
                      event.deliveries.map((one) => String(one["agent"])).join(", ")
                    ) : (
                      <span className={`tag is-${event.fate === "routed" ? "waiting" : "queued"}`}>{event.fate === "routed" ? "nobody" : event.fate}</span>
                    )}
                  </td>
                  <td className="wide-only">
                    <Link to={`/runs/${event.run_id}/events`}>{event.chain}</Link>
                  </td>
                  <td className="end faint tight">
                    <Ago at={event.at} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
    </Section>
  );
}
