/**
 * Output as a log: numbered lines, search, permalinks, and following that lets go when somebody scrolls away.
 *
 * A line is linked to by pressing its number, or by the button above for whoever has no pointer. Only the lines that can be seen are in the page, so a million of them are as quick as ten; search looks through all of them.
 */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import { Button, IconButton } from "../parts/button";
import { copy } from "../parts/copy";
import { say } from "../parts/notices";
import { clock } from "../parts/times";
import { go, usePlace, withQuery } from "../router";
import { found, LogLines, type LogLine } from "./lines";

const LINE = 20;
const AROUND = 20;

interface LogViewProps {
  lines: readonly LogLine[];
  version: number;
  /** When the recording began, for the times beside the lines. */
  startedAt: number | null;
  isGrowing: boolean;
  label: string;
}

export function LogView({ lines, version, startedAt, isGrowing, label }: LogViewProps) {
  const { hash, query } = usePlace();
  const linked = /^L(\d+)$/.exec(hash);
  const target = linked ? Number(linked[1]) - 1 : null;
  const [sought, setSought] = useState(query.get("q") ?? "");
  const [hit, setHit] = useState(0);
  const hits = useMemo(() => found(lines, sought), [lines, version, sought]); // eslint-disable-line
  const { frame, top, height, isFollowing, follow, show, onScroll } = useWindow(lines.length, target === null && isGrowing, version);
  const wasShown = useRef<number | null>(null);
  useEffect(() => {
    if (target === null || target >= lines.length || wasShown.current === target) return;
    wasShown.current = target;
    show(target);
  }, [target, lines.length, show]);
  const turn = (by: number) => {
    if (hits.length === 0) return;
    const next = (hit + by + hits.length) % hits.length;
    setHit(next);
    show(hits[next]!);
  };
  const link = (line: number) => {
    wasShown.current = line;
    go(`${withQuery({}).split("#")[0]}#L${line + 1}`, { replace: true });
    void copy(location.href).then(() => say(`Link to line ${line + 1} copied`));
  };
  const from = Math.max(0, Math.floor(top / LINE) - AROUND);
  const to = Math.min(lines.length, Math.ceil((top + height) / LINE) + AROUND);
  const current = hits[hit];
  const digits = String(lines.length).length;
  return (
    <div className="log">
      <div className="log-bar">
        <label className="search">
          <span className="unseen">Search the log</span>
          <input
            type="search"
            placeholder="Search"
            value={sought}
            onChange={(event) => {
              setSought(event.target.value);
              setHit(0);
              const [first] = found(lines, event.target.value);
              if (first !== undefined) show(first);
            }}
            onKeyDown={(event) => event.key === "Enter" && turn(event.shiftKey ? -1 : 1)}
          />
        </label>
        <span className="num faint" role="status">
          {sought ? `${hits.length ? hit + 1 : 0} of ${hits.length}` : `${lines.length.toLocaleString()} lines`}
        </span>
        {sought && (
          <>
            <IconButton icon="back" label="Previous match" onClick={() => turn(-1)} />
            <IconButton icon="chevron" label="Next match" onClick={() => turn(1)} />
          </>
        )}
        <span className="grow" />
        {lines.length > 0 && (
          <IconButton
            icon="link"
            label="Copy a link to the line that was found, or to the first in sight"
            onClick={() => link((sought ? current : undefined) ?? target ?? Math.ceil(top / LINE))}
          />
        )}
        {isGrowing && (
          <Button look="ghost" icon="down" aria-pressed={isFollowing} onClick={follow}>
            {isFollowing ? "Following" : "Follow"}
          </Button>
        )}
      </div>
      <div ref={frame} className="log-frame" tabIndex={0} role="region" aria-label={label} onScroll={onScroll}>
        <div className="log-lines" style={{ height: Math.max(lines.length, 1) * LINE }}>
          <ol start={from + 1} style={{ transform: `translateY(${from * LINE}px)` }}>
            {lines.slice(from, to).map((line, index) => {
              const number = from + index;
              return (
                <li
                  key={number}
                  id={`L${number + 1}`}
                  className={`${number === target ? "linked" : ""} ${number === current && sought ? "current" : ""}`}
                >
                  <span className="log-number" style={{ minWidth: `${digits + 1}ch` }} onClick={() => link(number)}>
                    {number + 1}
                  </span>
                  {startedAt !== null && line.at !== null && <time>{clock(startedAt + line.at)}</time>}
                  <span className="log-text">
                    <Marked text={LogLines.shown(line)} sought={sought} />
                  </span>
                </li>
              );
            })}
          </ol>
        </div>
        {lines.length === 0 && <p className="faint pad">Nothing was written{isGrowing ? " yet" : ""}.</p>}
      </div>
    </div>
  );
}

function Marked({ text, sought }: { text: string; sought: string }) {
  const at = sought ? text.toLowerCase().indexOf(sought.toLowerCase()) : -1;
  if (at < 0) return <>{text || " "}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + sought.length)}</mark>
      <Marked text={text.slice(at + sought.length)} sought={sought} />
    </>
  );
}

/** What of the lines can be seen, and whether the end is followed. */
function useWindow(count: number, begins: boolean, version: number) {
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [isFollowing, setFollowing] = useState(begins);
  const own = useRef(false);
  useLayoutEffect(() => {
    const element = frame.current!;
    const observer = new ResizeObserver(() => setView({ top: element.scrollTop, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = frame.current!;
    if (!isFollowing) return;
    own.current = true;
    element.scrollTop = element.scrollHeight;
  }, [count, version, isFollowing]);
  const onScroll = () => {
    const element = frame.current!;
    setView({ top: element.scrollTop, height: element.clientHeight });
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < LINE;
    if (own.current) own.current = false;
    else if (!isAtEnd) setFollowing(false);
    else if (begins) setFollowing(true);
  };
  const show = useMemo(
    () => (line: number) => {
      const element = frame.current!;
      setFollowing(false);
      element.scrollTop = Math.max(0, line * LINE - element.clientHeight / 3);
    },
    [],
  );
  return { frame, ...view, isFollowing, follow: () => setFollowing((now) => !now), show, onScroll };
}
