/** Every fact and decision of a run, as the daemon has recorded them; what is written here is what recovery reads. */
import { useState } from "react";

import type { Activity } from "../api/activity";
import type { RunDetail } from "../api/types";
import { useGet } from "../api/use";
import { Json } from "../parts/json";
import { Table } from "../parts/table";
import { clock, duration } from "../parts/times";

export function RunJournal({ activity, run }: { activity: Activity; run: RunDetail }) {
  const [sought, setSought] = useState("");
  const needle = sought.toLowerCase();
  const shown = activity.changes.filter((one) => `${one.kind} ${one.agent ?? ""}`.toLowerCase().includes(needle));
  return (
    <>
      <div className="bar">
        <label className="search">
          <span className="unseen">Filter the journal</span>
          <input type="search" placeholder="Filter by kind or agent" value={sought} onChange={(event) => setSought(event.target.value)} />
        </label>
        <span className="num faint">
          {shown.length} of {activity.changes.length} entries
        </span>
      </div>
      <Table label="Journal" className="journal" columns={[["#", "end"], ["At", "end"], ["Entry"], ["Agent"], ["Says", "wide-only"]]}>
        {shown.map((entry) => (
          <JournalRow key={entry.seq} run={run} {...entry} />
        ))}
      </Table>
    </>
  );
}

interface RowProps {
  run: RunDetail;
  seq: number;
  at: number;
  kind: string;
  agent: string | null;
  data: Record<string, unknown>;
}

const SILENT = new Set(["at", "run_id", "agent", "attempt_id"]);

function JournalRow({ run, seq, at, kind, agent, data }: RowProps) {
  const [isOpen, setOpen] = useState(false);
  const said = Object.entries(data).filter(([name, value]) => !SILENT.has(name) && isTold(value));
  return (
    <>
      <tr>
        <td className="end num faint">{seq}</td>
        <td className="end num faint">+{duration(at - run.created_at)}</td>
        <td>
          <button type="button" className="disclose mono" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {kind}
          </button>
        </td>
        <td>{agent}</td>
        <td className="main-cell wide-only">
          <span className="clip faint mono">{said.map(([name, value]) => `${name}=${saidValue(name, value)}`).join(" ")}</span>
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={5}>
            <WholeEntry run={run.id} seq={seq} />
          </td>
        </tr>
      )}
    </>
  );
}

/** A time is told as one: nobody reads seconds since 1970. */
const saidValue = (name: string, value: unknown) =>
  typeof value === "number" && /(^due|_at)$/.test(name) ? clock(value) : JSON.stringify(value);

const isTold = (value: unknown) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);

function WholeEntry({ run, seq }: { run: string; seq: number }) {
  const journal = useGet("/api/v1/runs/{run}/journal", { path: { run } });
  return <Json value={journal.data?.items.find((entry) => entry.seq === seq)?.body ?? "…"} />;
}
