/**
 * A recording of a terminal: played at a chosen speed, with marks where the agent emitted an event; pauses are cut short on request.
 * Nothing that it asks is answered.
 */
import "@xterm/xterm/css/xterm.css";

import type { Terminal } from "@xterm/xterm";
import { useEffect, useRef, useState } from "react";

import type { RunEvent } from "../api/types";
import { IconButton } from "../parts/button";
import { Icon } from "../parts/icon";
import { Empty, Loading } from "../parts/shown";
import { clock, duration } from "../parts/times";
import { onTheme, shownTheme } from "../shell/theme";
import { until, type Cast } from "./cast";
import { COLOURS } from "./colours";
import { makeInert } from "./inert";
import { useCast } from "./use-cast";
import { fitFont, makeReachable, newTerminal } from "./view";

const SPEEDS = [0.5, 1, 2, 4, 8, 16];
const LONGEST_PAUSE_S = 1.5;

interface RecordingProps {
  address: string;
  name: string;
  /** Of the agent and this attempt. */
  events: RunEvent[];
  label: string;
}

export function Recording({ address, name, events, label }: RecordingProps) {
  const { cast, problem } = useCast(address);
  if (problem) {
    return (
      <Empty icon="terminal" title="There is no recording">
        <p>{problem}</p>
      </Empty>
    );
  }
  if (!cast) return <Loading rows={4} />;
  return <Player cast={cast} address={address} name={name} events={events} label={label} />;
}

function Player({ cast, address, name, events, label }: RecordingProps & { cast: Cast }) {
  const place = useRef<HTMLDivElement>(null);
  const screen = useRef<Screen | null>(null);
  const [time, setTime] = useState(0);
  const [isPlaying, setPlaying] = useState(true);
  const [speed, setSpeed] = useState(2);
  const [cuts, setCuts] = useState(true);
  const now = useRef(0);

  useEffect(() => {
    const opened = openScreen(place.current!, cast);
    screen.current = opened;
    now.current = 0;
    return () => {
      screen.current = null;
      opened.close();
    };
  }, [cast]);

  useEffect(() => {
    if (!isPlaying) return;
    let last = performance.now();
    let frame = requestAnimationFrame(function step(at) {
      const from = now.current;
      let to = from + ((at - last) / 1000) * speed;
      last = at;
      const next = cast.events[until(cast.events, from)];
      if (cuts && next && next.at - from > LONGEST_PAUSE_S) to = Math.max(to, next.at - LONGEST_PAUSE_S);
      now.current = Math.min(cast.length, to);
      screen.current?.show(now.current);
      setTime(now.current);
      if (now.current >= cast.length) setPlaying(false);
      else frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [isPlaying, speed, cuts, cast]);

  const jump = (to: number) => {
    now.current = Math.max(0, Math.min(cast.length, to));
    screen.current?.show(now.current);
    setTime(now.current);
  };
  const play = () => {
    if (!isPlaying && now.current >= cast.length) jump(0);
    setPlaying(!isPlaying);
  };
  const marks = cast.startedAt === null ? [] : events.map((event) => ({ ...event, at: event.at - cast.startedAt! }));
  return (
    <div className="term">
      <div className="terminal-bar">
        <IconButton icon={isPlaying ? "pause" : "play"} label={isPlaying ? "Pause" : "Play"} onClick={play} />
        <div className="seek">
          <input
            type="range"
            min={0}
            max={cast.length || 1}
            step="any"
            value={time}
            aria-label="Time in the recording"
            aria-valuetext={`${duration(time)} of ${duration(cast.length)}`}
            onChange={(event) => jump(Number(event.target.value))}
          />
          {marks.map((mark) => (
            <button
              key={mark.number}
              type="button"
              className="seek-mark"
              style={{ left: `${(Math.min(cast.length, Math.max(0, mark.at)) / (cast.length || 1)) * 100}%` }}
              title={mark.name}
              aria-label={`To the event ${mark.name}`}
              onClick={() => jump(mark.at)}
            />
          ))}
        </div>
        <span className="num muted">
          {duration(time)} / {duration(cast.length)}
          {cast.startedAt !== null && <span className="wide-only"> · {clock(cast.startedAt + time)}</span>}
        </span>
        <label className="select">
          <span className="unseen">Speed</span>
          <select value={speed} onChange={(event) => setSpeed(Number(event.target.value))}>
            {SPEEDS.map((one) => (
              <option key={one} value={one}>
                {one}×
              </option>
            ))}
          </select>
        </label>
        <label className="check inline">
          <input type="checkbox" checked={cuts} onChange={(event) => setCuts(event.target.checked)} />
          <span>Short pauses</span>
        </label>
        <a className="button ghost" href={address} download={`${name}.cast`}>
          <Icon name="download" size={14} />
          asciicast
        </a>
      </div>
      <div ref={place} className="terminal-screen" aria-label={label} role="group" />
    </div>
  );
}

interface Screen {
  show: (time: number) => void;
  close: () => void;
}

function openScreen(place: HTMLElement, cast: Cast): Screen {
  const terminal = newTerminal();
  terminal.open(place);
  makeReachable(place);
  makeInert(terminal, () => false);
  terminal.attachCustomKeyEventHandler(() => false);
  terminal.resize(cast.cols, cast.rows);
  const observer = new ResizeObserver(() => fitFont(terminal, place));
  observer.observe(place);
  const offTheme = onTheme(() => (terminal.options.theme = COLOURS[shownTheme()]));
  let shown = 0;
  const show = (time: number) => {
    const end = until(cast.events, time);
    if (end < shown) {
      terminal.reset();
      terminal.resize(cast.cols, cast.rows);
      shown = 0;
    }
    for (; shown < end; shown += 1) play(terminal, cast.events[shown]!);
  };
  const close = () => {
    observer.disconnect();
    offTheme();
    terminal.dispose();
  };
  return { show, close };
}

function play(terminal: Terminal, { kind, text }: Cast["events"][number]): void {
  if (kind === "o") terminal.write(text);
  const size = kind === "r" ? /^(\d+)x(\d+)$/.exec(text) : null;
  if (size) terminal.resize(Number(size[1]), Number(size[2]));
}
