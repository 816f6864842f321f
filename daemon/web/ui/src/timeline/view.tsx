/** The bars of a run, a lane for each agent. Waiting is hatched, so that it is not told by colour alone. */
import { Link } from "../router";
import { agentPath } from "../parts/run-facts";
import { StateIcon } from "../parts/state";
import { WORDS } from "../parts/standing";
import { duration } from "../parts/times";
import { at, ticks, type Bar, type Lane, type Line } from "./spans";

export function Timeline({ line, run, now }: { line: Line; run: string; now: number }) {
  return (
    <div className="timeline">
      <div className="timeline-scale" aria-hidden="true">
        {ticks(line).map((tick) => (
          <span key={tick} style={{ left: `${at(line, line.from + tick)}%` }}>
            {tick === 0 ? "0" : duration(tick).replace(".0s", "s")}
          </span>
        ))}
      </div>
      <ol>
        {line.lanes.map((lane) => (
          <LaneRow key={lane.agent} lane={lane} line={line} run={run} now={now} />
        ))}
      </ol>
    </div>
  );
}

function LaneRow({ lane, line, run, now }: { lane: Lane; line: Line; run: string; now: number }) {
  const last = lane.bars[lane.bars.length - 1];
  const busy = lane.bars.reduce((sum, bar) => sum + (bar.to ?? now) - bar.from, 0);
  return (
    <li className="lane">
      <Link className="lane-name" to={agentPath(run, lane.agent)}>
        <StateIcon is={last?.is ?? "idle"} size={14} />
        <span className="clip">{lane.agent}</span>
        <span className="unseen">
          {last ? `${WORDS[last.is]}, ${lane.bars.length} attempts, ${duration(busy)}` : WORDS.idle}
        </span>
      </Link>
      <div className="lane-track" aria-hidden="true">
        {lane.waits.map((wait) => (
          <span key={wait.from} className="wait" style={span(line, wait.from, wait.to)} title={`waited ${duration((wait.to ?? now) - wait.from)}`} />
        ))}
        {lane.bars.map((bar) => (
          <span key={bar.key} className={`bar is-${bar.is}`} style={span(line, bar.from, bar.to)} title={told(bar, now)} />
        ))}
        {lane.marks.map((mark) => (
          <span key={mark.number} className="mark" style={{ left: `${at(line, mark.at)}%` }} title={mark.name} />
        ))}
      </div>
      <span className="lane-took num faint">{lane.bars.length ? duration(busy) : ""}</span>
    </li>
  );
}

const told = (bar: Bar, now: number) => `${bar.label}: ${WORDS[bar.is]}, ${duration((bar.to ?? now) - bar.from)}`;

function span(line: Line, from: number, to: number | null) {
  const left = at(line, from);
  return { left: `${left}%`, width: `max(3px, ${at(line, to ?? line.to) - left}%)` };
}
