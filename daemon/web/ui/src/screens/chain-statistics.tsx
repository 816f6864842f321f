/** How the last runs of a chain went: how many succeeded, how long they and their agents took, and what failed last. */
import type { Answer } from "../api/types";
import { useGet } from "../api/use";
import { Section } from "../parts/page";
import { Empty, Shown } from "../parts/shown";
import { State } from "../parts/state";
import { standing, WORDS, type Standing } from "../parts/standing";
import { Table } from "../parts/table";
import { Ago } from "../parts/time";
import { duration } from "../parts/times";
import { Link } from "../router";

type Statistics = Answer<"/api/v1/statistics/{chain}">;
type Spread = Statistics["took"];

export function ChainStatistics({ id }: { id: string }) {
  const statistics = useGet("/api/v1/statistics/{chain}", { path: { chain: id } });
  return <Shown of={statistics}>{(told) => (total(told) === 0 ? <Empty icon="runs" title="No run of it has ended yet" /> : <Told told={told} />)}</Shown>;
}

const total = ({ outcomes }: Statistics) => Object.values(outcomes).reduce((sum, count) => sum + count, 0);

function Told({ told }: { told: Statistics }) {
  const count = total(told);
  return (
    <>
      <p className="muted said-before">
        Of the last {count === 1 ? "run that has" : `${count.toLocaleString()} runs that have`} ended.
      </p>
      <div className="numbers">
        <Figure text="succeeded" value={told.success === null ? "–" : `${Math.round(told.success * 1000) / 10} %`} />
        <Figure text="median time" value={shown(told.took, "median_s")} />
        <Figure text="95th percentile" value={shown(told.took, "p95_s")} />
        <Figure text="median wait to start" value={shown(told.waited, "median_s")} />
      </div>
      <div className="columns">
        <Section title="Agents" aside="successful attempts; the slowest first">
          <Agents told={told} />
        </Section>
        <div>
          <Section title="Last failures">
            <Failures told={told} />
          </Section>
          <Section title="Outcomes">
            <ul className="rows boxed">
              {Object.entries(told.outcomes)
                .sort(([, one], [, other]) => other - one)
                .map(([outcome, many]) => (
                  <li key={outcome}>
                    <State is={standing({ state: "finished", outcome })} />
                    <span className="num muted">{many.toLocaleString()}</span>
                  </li>
                ))}
            </ul>
          </Section>
        </div>
      </div>
    </>
  );
}

const shown = (spread: Spread, which: "median_s" | "p95_s") => (spread ? duration(spread[which]) : "–");

function Figure({ text, value }: { text: string; value: string }) {
  return (
    <div className="figure plain">
      <span className="figure-value num">{value}</span>
      <span>{text}</span>
    </div>
  );
}

function Agents({ told }: { told: Statistics }) {
  const longest = Math.max(0.001, ...told.agents.map(({ took }) => took?.p95_s ?? 0));
  return (
    <Table label="Agents" columns={[["Agent"], ["Median to p95", "wide-only"], ["Median", "end"], ["p95", "end"], ["Failed", "end"]]}>
      {told.agents.map(({ agent, attempts, failed, took }) => (
        <tr key={agent}>
          <td>
            <strong>{agent}</strong>
          </td>
          <td className="wide-only spread-cell">
            {took && (
              <div className="spread" aria-hidden="true">
                <span style={{ width: `${(took.p95_s / longest) * 100}%` }} />
                <span style={{ width: `${(took.median_s / longest) * 100}%` }} />
              </div>
            )}
          </td>
          <td className="end num">{shown(took, "median_s")}</td>
          <td className="end num">{shown(took, "p95_s")}</td>
          <td className={`end num ${failed ? "" : "faint"}`}>
            {failed} of {attempts}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Failures({ told }: { told: Statistics }) {
  if (told.failures.length === 0) return <p className="faint pad">None.</p>;
  return (
    <ul className="rows boxed">
      {told.failures.map((run) => (
        <li key={run.run_id}>
          <span>
            <Link to={`/runs/${run.run_id}`}>#{run.number}</Link> <span className="faint">{WORDS[run.outcome as Standing] ?? run.outcome}</span>
            {run.detail && <span className="reason block">{run.detail}</span>}
          </span>
          <span className="faint">
            <Ago at={run.ended_at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
