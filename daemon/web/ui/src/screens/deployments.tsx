/** Which commits are in force, what was before, what was refused and why; and the way back. */
import { useState } from "react";

import { outdate } from "../api/cache";
import { post } from "../api/client";
import type { Deployment, DeploymentRecord } from "../api/types";
import { useGet } from "../api/use";
import { Action, Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { say } from "../parts/notices";
import { Page, Section } from "../parts/page";
import { Commit } from "../parts/run-facts";
import { Empty, Shown } from "../parts/shown";
import { Table } from "../parts/table";
import { Ago } from "../parts/time";
import { Link } from "../router";

export default function Deployments() {
  const deployments = useGet("/api/v1/deployments");
  const look = async () => {
    await post("/deployments/reconcile");
    outdate(() => true);
    say("Looked at the repositories");
  };
  return (
    <Page
      title="Deployments"
      actions={
        <Action icon="retry" act={look}>
          Look now
        </Action>
      }
    >
      <Shown of={deployments}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="deployments" title="No repository is followed">
              <p>
                <code>chainwright up --repo PATH</code> follows one.
              </p>
            </Empty>
          ) : (
            items.map((one) => <InForce key={`${one.repository}/${one.environment}`} deployment={one} />)
          )
        }
      </Shown>
    </Page>
  );
}

function InForce({ deployment }: { deployment: Deployment }) {
  const [target, setTarget] = useState<DeploymentRecord | null>(null);
  const { repository, environment, refused, problem } = deployment;
  const history = useGet("/api/v1/deployments/history", { query: { repository, environment, limit: 30 } });
  const isAside = deployment.commit !== null && deployment.head !== null && deployment.commit !== deployment.head;
  return (
    <Section title={`${repository}/${environment}`}>
      {problem && <p className="said is-failed">{problem}</p>}
      {refused && (
        <div className="said is-failed">
          <p>
            Commit <span className="mono">{refused.commit.slice(0, 7)}</span> was refused <Ago at={refused.refused_at} />. What was in force stays.
          </p>
          <pre className="json" tabIndex={0}>
            {refused.diagnostics.join("\n")}
          </pre>
        </div>
      )}
      {isAside && (
        <p className="said is-waiting">
          An earlier commit is in force than the branch has. The next commit to the branch ends that.
        </p>
      )}
      {deployment.runs_elsewhere.map((one) => (
        <p key={one.commit} className="muted">
          {one.count} {one.count === 1 ? "run goes" : "runs go"} on with <span className="mono">{one.commit.slice(0, 7)}</span>
        </p>
      ))}
      <Shown of={history} rows={4}>
        {({ items }) => <History records={items} onRollback={setTarget} />}
      </Shown>
      {target && <RollbackDialog target={target} onClose={() => setTarget(null)} />}
    </Section>
  );
}

function History({ records, onRollback }: { records: DeploymentRecord[]; onRollback: (record: DeploymentRecord) => void }) {
  return (
    <Table
      label="History of deployments"
      columns={[["#", "end"], ["Commit"], ["Cause"], ["By", "wide-only"], ["Chains", "end wide-only"], ["When", "end"], ["Actions", "end", "silent"]]}
    >
      {records.map((record) => (
        <tr key={record.id}>
          <td className="end num faint">{record.id}</td>
          <td>
            <Commit id={record.commit} />
          </td>
          <td>
            {record.cause}
            {record.message && <span className="reason clip">{record.message}</span>}
          </td>
          <td className="wide-only muted">{record.actor || "–"}</td>
          <td className="end num wide-only">{record.chains.length}</td>
          <td className="end faint">
            <Ago at={record.deployed_at} />
          </td>
          <td className="end">
            {record.in_force ? (
              <span className="tag is-succeeded">in force</span>
            ) : (
              <Button look="ghost" icon="rollback" onClick={() => onRollback(record)} aria-label={`Roll back to deployment ${record.id}`}>
                Roll back
              </Button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function RollbackDialog({ target, onClose }: { target: DeploymentRecord; onClose: () => void }) {
  const [message, setMessage] = useState("");
  const back = async () => {
    await post("/deployments/rollback", {
      to: String(target.id),
      repository: target.repository,
      environment: target.environment,
      message,
    });
    outdate(() => true);
    say(`Commit ${target.commit.slice(0, 7)} is in force again`);
    onClose();
  };
  return (
    <Dialog
      title={`Roll back to ${target.commit.slice(0, 7)}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <Action look="primary" icon="rollback" act={back}>
            Roll back
          </Action>
        </>
      }
    >
      <p>
        Deployment {target.id} of {target.repository}/{target.environment} is put in force until the branch moves on. Runs in flight keep their
        commit. <Link to="/runs?state=running">Running now</Link>
      </p>
      <label className="field">
        <span>Why</span>
        <input value={message} onChange={(event) => setMessage(event.target.value)} />
      </label>
    </Dialog>
  );
}
