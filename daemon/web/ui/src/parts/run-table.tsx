/** Runs as rows: what, why, at which commit, when, how long. Keys j, k and Enter go through them. */
import { memo, useEffect, useMemo, useState } from "react";

import type { Run } from "../api/types";
import { go, Link } from "../router";
import { useKeys, type Keys } from "../shell/keys";
import { Cause, Commit, runPath } from "./run-facts";
import { State } from "./state";
import { standing, why } from "./standing";
import { Table } from "./table";
import { Ago, Took } from "./time";

const NO_KEYS: Keys = {};

export function RunTable({ runs, label, hasKeys = false }: { runs: Run[]; label: string; hasKeys?: boolean }) {
  const [at, setAt] = useState(-1);
  const keys = useMemo(
    (): Keys =>
      hasKeys
        ? {
            j: () => setAt((now) => Math.min(runs.length - 1, now + 1)),
            k: () => setAt((now) => Math.max(0, now - 1)),
            Enter: () => runs[at] && go(runPath(runs[at])),
          }
        : NO_KEYS,
    [hasKeys, runs, at],
  );
  useKeys(keys);
  useEffect(() => {
    if (at >= 0) document.getElementById(`run-${runs[at]?.id}`)?.scrollIntoView({ block: "nearest" });
  }, [at, runs]);
  return (
    <Table
      label={label}
      className="runs"
      columns={[["State"], ["Run"], ["Cause", "wide-only"], ["Commit", "wide-only"], ["Took", "end"], ["Started", "end"]]}
    >
      {runs.map((run, index) => (
        <Row key={run.id} run={run} isAt={index === at} />
      ))}
    </Table>
  );
}

const Row = memo(function Row({ run, isAt }: { run: Run; isAt: boolean }) {
  const is = standing(run);
  const reason = why(run);
  return (
    <tr id={`run-${run.id}`} className={isAt ? "at" : undefined}>
      <td>
        <State is={is} />
      </td>
      <td className="main-cell">
        <Link to={runPath(run)} className="row-link">
          <span className="clip">
            {run.chain} <span className="faint">#{run.number}</span>
          </span>
        </Link>
        {reason && is !== "succeeded" && <span className="reason clip">{reason}</span>}
      </td>
      <td className="wide-only">
        <Cause run={run} />
      </td>
      <td className="wide-only">
        <Commit id={run.commit} />
      </td>
      <td className="end num">
        <Took from={run.started_at} to={run.ended_at} />
      </td>
      <td className="end faint">
        <Ago at={run.created_at} />
      </td>
    </tr>
  );
});
