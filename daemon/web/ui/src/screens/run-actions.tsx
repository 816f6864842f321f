/** What can be done with a run: end it, do it again, or some of it. */
import { useState } from "react";

import { post } from "../api/client";
import type { Run, RunDetail } from "../api/types";
import { Action, Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { say } from "../parts/notices";
import { runName } from "../parts/run-facts";
import { go } from "../router";

interface RetryWhat {
  failed?: boolean;
  from?: string;
  on_new_definition?: boolean;
}

export async function retry(run: Pick<Run, "id">, what: RetryWhat): Promise<void> {
  const made = await post<Run>(`/runs/${run.id}/retry`, what);
  say(`${runName(made)} has begun`, "with the same inputs, byte for byte");
  go(`/runs/${made.id}`);
}

export function RunActions({ run }: { run: RunDetail }) {
  const [asks, setAsks] = useState<"" | "cancel" | "retry">("");
  const close = () => setAsks("");
  if (run.state !== "finished") {
    return (
      <>
        <Button icon="stop" look="danger" onClick={() => setAsks("cancel")}>
          {run.state === "stopping" ? "Cancel at once" : "Cancel"}
        </Button>
        {asks === "cancel" && <CancelDialog run={run} onClose={close} />}
      </>
    );
  }
  return (
    <>
      {run.outcome !== "succeeded" && (
        <Action icon="retry" look="primary" act={() => retry(run, { failed: true })}>
          Retry what failed
        </Action>
      )}
      <Button icon="retry" onClick={() => setAsks("retry")}>
        Run again
      </Button>
      {asks === "retry" && <RetryDialog run={run} onClose={close} />}
    </>
  );
}

function CancelDialog({ run, onClose }: { run: RunDetail; onClose: () => void }) {
  const cancel = async () => {
    await post(`/runs/${run.id}/cancel`);
    say(`${runName(run)} is being cancelled`);
    onClose();
  };
  return (
    <Dialog
      title={`Cancel ${runName(run)}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Let it go on</Button>
          <Action look="danger" icon="stop" act={cancel}>
            Cancel the run
          </Action>
        </>
      }
    >
      <p>
        {run.state === "stopping"
          ? "Agents that clean up are at work. They are ended too."
          : "Agents at work are asked to end, and ended after ten seconds. Those that run always or on cancellation still run."}
      </p>
    </Dialog>
  );
}

function RetryDialog({ run, onClose }: { run: RunDetail; onClose: () => void }) {
  const [from, setFrom] = useState("");
  const [isNew, setNew] = useState(false);
  const start = () => retry(run, { ...(from ? { from } : {}), on_new_definition: isNew });
  return (
    <Dialog
      title={`Run ${runName(run)} again`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <Action look="primary" icon="retry" act={start}>
            Start
          </Action>
        </>
      }
    >
      <label className="field">
        <span>From</span>
        <select value={from} onChange={(event) => setFrom(event.target.value)}>
          <option value="">the beginning: everything is done again</option>
          {Object.keys(run.agents).map((agent) => (
            <option key={agent} value={agent}>
              {agent}, and what follows from it
            </option>
          ))}
        </select>
      </label>
      <label className="check">
        <input type="checkbox" checked={isNew} onChange={(event) => setNew(event.target.checked)} />
        <span>By the definition that is in force now, not by that of the run</span>
      </label>
    </Dialog>
  );
}
