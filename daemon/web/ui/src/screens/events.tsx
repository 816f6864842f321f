/** Events that start chains: which there are, who listens; and a way to send one. */
import { useState } from "react";

import { post } from "../api/client";
import { useGet } from "../api/use";
import { Action } from "../parts/button";
import { say } from "../parts/notices";
import { Page, Section } from "../parts/page";
import { RunTable } from "../parts/run-table";
import { Empty, Shown } from "../parts/shown";
import { Link } from "../router";

interface Told {
  chain: string;
  fate: string | null;
  run_id: string | null;
  reason: string;
}

export default function Events() {
  const [told, setTold] = useState<Told[] | null>(null);
  return (
    <Page title="Events" facts={<span>Events from outside start the chains that listen to them. Those within a run are on its page.</span>}>
      <Send onTold={setTold} />
      {told && <Fates told={told} />}
      <Started />
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

function Started() {
  const runs = useGet("/api/v1/runs", { query: { trigger: "event", limit: 50 } });
  return (
    <Section title="Runs that events started">
      <Shown of={runs}>
        {({ items }) =>
          items.length === 0 ? <Empty icon="events" title="No event has started a run yet" /> : <RunTable runs={items} label="Runs that events started" />
        }
      </Shown>
    </Section>
  );
}
