/** Why an agent of a run is where it is, what it gave, and what is known of an attempt. */
import type { Attempt, RunDetail, Turn } from "../api/types";
import { useGet } from "../api/use";
import { Values } from "../parts/json";
import { Section } from "../parts/page";
import { Shown } from "../parts/shown";
import { standing } from "../parts/standing";
import { State } from "../parts/state";
import { Ago, Took } from "../parts/time";
import { bytes } from "../parts/times";

/** An attempt of a turn. */
export interface Try {
  turn: Turn;
  attempt: Attempt;
}

export function Details({ run, name, shown }: { run: RunDetail; name: string; shown: Try | undefined }) {
  const why = useGet("/api/v1/runs/{run}/agents/{agent}/explanation", { path: { run: run.id, agent: name } });
  return (
    <div className="columns">
      <Section title="Why it is where it is">
        <Shown of={why} rows={3}>
          {({ lines }) => (
            <ul className="lines">
              {lines.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          )}
        </Shown>
      </Section>
      {shown && (
        <>
          <Section title="Outputs">
            <Values of={shown.turn.outputs} none="It gave nothing." />
          </Section>
          <Section title="This attempt">
            <Values of={factsOf(shown.attempt)} none="" />
          </Section>
          {shown.attempt.steps.length > 0 && <Steps attempt={shown.attempt} />}
        </>
      )}
    </div>
  );
}

function factsOf(attempt: Attempt): Record<string, unknown> {
  const { id, exit_code, signal, size, branch, reason, detail } = attempt;
  const facts = { id, exit_code, signal, output: size === null ? null : bytes(size), branch, reason, detail };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null && value !== ""));
}

function Steps({ attempt }: { attempt: Attempt }) {
  return (
    <Section title="Steps">
      <table className="table" aria-label="Steps">
        <tbody>
          {attempt.steps.map((step) => (
            <tr key={step.step}>
              <td>
                <State is={stepStanding(step.state, step.conclusion)} quiet />
              </td>
              <td className="main-cell">{step.name || step.id || `step ${step.step}`}</td>
              <td className="end num">
                <Took from={step.started_at} to={step.ended_at} />
              </td>
              <td className="end faint">{step.started_at !== null && <Ago at={step.started_at} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

const STEP_OUTCOMES: Record<string, "succeeded" | "failed" | "cancelled" | "skipped"> = {
  success: "succeeded",
  failure: "failed",
  cancelled: "cancelled",
  skipped: "skipped",
};

const stepStanding = (state: string, conclusion: string | null) =>
  conclusion ? (STEP_OUTCOMES[conclusion] ?? "failed") : standing({ state, outcome: null });
