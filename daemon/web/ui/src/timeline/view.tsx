/**
 * The agents of a run, a lane for each: how it stands, why, and its bars on the line of time. It is the equal of the graph for whoever
 * cannot see that. Waiting is hatched, so that it is not told by colour alone.
 */
import type { RunDetail } from "../api/types";
import { agentPath } from "../parts/run-facts";
import { State } from "../parts/state";
import { standingOfAgent, WORDS, why } from "../parts/standing";
import { duration } from "../parts/times";
import { Link } from "../router";
import { at, ticks, type Bar, type Lane, type Line } from "./spans";

export function Timeline({ line, run, now }: { line: Line; run: RunDetail; now: number }) {
  return (
    <table className="timeline" aria-label="Agents">
      <thead>
        <tr>
          <th scope="col">Agent</th>
          <th scope="col">State</th>
          <th scope="col" className="timeline-scale">
            <span className="unseen">Time</span>
            <div aria-hidden="true">
              {ticks(line).map((tick) => (
                <span key={tick} style={{ left: `${at(line, line.from + tick)}%` }}>
                  {tickText(tick)}
                </span>
              ))}
            </div>
          </th>
          <th scope="col" className="end">
            Took
          </th>
        </tr>
      </thead>
      <tbody>
        {line.lanes.map((lane) => (
          <LaneRow key={lane.agent} lane={lane} line={line} run={run} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function LaneRow({ lane, line, run, now }: { lane: Lane; line: Line; run: RunDetail; now: number }) {
  const agent = run.agents[lane.agent]!;
  const is = standingOfAgent(agent);
  const busy = lane.bars.reduce((sum, bar) => sum + (bar.to ?? now) - bar.from, 0);
  const turns = agent.turns.filter((turn) => turn.outcome !== "skipped").length;
  const reason = is === "succeeded" ? "" : why(agent);
  return (
    <tr className="lane">
      <th scope="row">
        <Link to={agentPath(run.id, lane.agent)}>{lane.agent}</Link>
        {turns > 1 && <span className="faint"> ×{turns}</span>}
      </th>
      <td className="lane-state">
        <State is={is} />
        {reason && (
          <span className="reason clip" title={reason}>
            {reason}
          </span>
        )}
      </td>
      <td className="lane-track">
        <div aria-hidden="true">
          {lane.waits.map((wait) => (
            <span
              key={wait.from}
              className="wait"
              style={span(line, wait.from, wait.to)}
              title={`waited ${duration((wait.to ?? now) - wait.from)}`}
            />
          ))}
          {lane.bars.map((bar) => (
            <span key={bar.key} className={`bar is-${bar.is}`} style={span(line, bar.from, bar.to)} title={told(bar, now)} />
          ))}
          {lane.marks.map((mark) => (
            <span key={mark.number} className="mark" style={{ left: `${at(line, mark.at)}%` }} title={mark.name} />
          ))}
        </div>
      </td>
      <td className="end num faint">{lane.bars.length ? duration(busy) : ""}</td>
    </tr>
  );
}

/** All of one scale in the same unit: parts of a second are seconds too. */
const tickText = (tick: number) => (tick === 0 ? "0" : tick < 10 ? `${Number(tick.toFixed(2))}s` : duration(tick));

const told = (bar: Bar, now: number) => `${bar.label}: ${WORDS[bar.is]}, ${duration((bar.to ?? now) - bar.from)}`;

function span(line: Line, from: number, to: number | null) {
  const left = at(line, from);
  return { left: `${left}%`, width: `max(3px, ${at(line, to ?? line.to) - left}%)` };
}
