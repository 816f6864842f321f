/**
 * Output as a log: numbered lines, search, permalinks, and following that lets go when somebody scrolls away.
 *
 * A line is linked to by pressing its number, or by the button above for whoever has no pointer. Only the lines that can be seen are in
 * the page, and hardly more are fetched; what is sought is found by the daemon, in all of them.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import { Button, IconButton } from "../parts/button";
import { copy } from "../parts/copy";
import { say, sayProblem } from "../parts/notices";
import { clock, whole } from "../parts/times";
import { go, usePlace, withQuery } from "../router";
import type { ShownLog } from "./source";
import { heightOf, LINE, scrollTo, topOf } from "./window";

const AROUND = 20;
const SOUGHT_AFTER_MS = 250;

export function LogView({ log, label }: { log: ShownLog; label: string }) {
  const { hash, query } = usePlace();
  const linked = /^L(\d+)$/.exec(hash);
  const target = linked ? Number(linked[1]) - 1 : null;
  const total = log.total ?? 0;
  const { frame, scroll, height, isFollowing, follow, show, onScroll } = useWindow(total, target === null && log.isGrowing);
  const { sought, seek, hits, at, turn } = useSearch(log, query.get("q") ?? "", show);
  const wasShown = useRef<number | null>(null);
  useEffect(() => {
    if (target === null || target >= total || wasShown.current === target) return;
    wasShown.current = target;
    show(target);
  }, [target, total, show]);
  const { first, above } = topOf(scroll, total, height);
  const from = Math.max(0, first - AROUND);
  const to = Math.min(total, first + Math.ceil(height / LINE) + 1 + AROUND);
  useEffect(() => log.look(from, to), [log, from, to]);
  const link = (line: number) => {
    wasShown.current = line;
    go(`${withQuery({}).split("#")[0]}#L${line + 1}`, { replace: true });
    void copy(location.href).then(() => say(`Link to line ${line + 1} copied`));
  };
  const current = hits?.places[at];
  const digits = String(total).length;
  return (
    <div className="log">
      <div className="log-bar">
        <label className="search">
          <span className="unseen">Search the log</span>
          <input
            type="search"
            placeholder="Search"
            value={sought}
            onChange={(event) => seek(event.target.value)}
            onKeyDown={(event) => event.key === "Enter" && turn(event.shiftKey ? -1 : 1)}
          />
        </label>
        <span className="num faint" role="status">
          {sought ? told(hits, at) : log.total === null ? "…" : `${total.toLocaleString()} ${total === 1 ? "line" : "lines"}`}
        </span>
        {sought && (
          <>
            <IconButton icon="back" label="Previous match" onClick={() => turn(-1)} />
            <IconButton icon="chevron" label="Next match" onClick={() => turn(1)} />
          </>
        )}
        <span className="grow" />
        {log.problem && <span className="tag is-failed">{log.problem.title}</span>}
        {total > 0 && (
          <IconButton
            icon="link"
            label="Copy a link to the line that was found, or to the first in sight"
            onClick={() => link((sought ? current : undefined) ?? target ?? (above > 0 ? first + 1 : first))}
          />
        )}
        {log.isGrowing && (
          <Button look="ghost" icon="down" aria-pressed={isFollowing} onClick={follow}>
            {isFollowing ? "Following" : "Follow"}
          </Button>
        )}
      </div>
      <div ref={frame} className="log-frame" tabIndex={0} role="region" aria-label={label} onScroll={onScroll}>
        <div className="log-lines" style={{ height: heightOf(total) }}>
          <ol start={from + 1} style={{ transform: `translateY(${scroll - above - (first - from) * LINE}px)` }}>
            {Array.from({ length: to - from }, (_, index) => {
              const place = from + index;
              const line = log.line(place);
              return (
                <li key={place} id={`L${place + 1}`} className={`${place === target ? "linked" : ""} ${place === current ? "current" : ""}`}>
                  <span className="log-number" style={{ minWidth: `${digits + 1}ch` }} onClick={() => link(place)}>
                    {place + 1}
                  </span>
                  {line?.at != null && <time title={whole(line.at)}>{clock(line.at)}</time>}
                  <span className="log-text">{line ? <Marked text={line.text} sought={sought} /> : <span className="faint">…</span>}</span>
                </li>
              );
            })}
          </ol>
        </div>
        {log.total === 0 && <p className="faint pad">Nothing was written{log.isGrowing ? " yet" : ""}.</p>}
      </div>
    </div>
  );
}

interface Hits {
  places: number[];
  isWhole: boolean;
}

/** Which of the lines that were found is shown. */
function told(hits: Hits | null, at: number): string {
  if (!hits) return "…";
  return `${hits.places.length ? at + 1 : 0} of ${hits.isWhole ? "" : "more than "}${hits.places.length}`;
}

/** What is sought, once somebody has stopped typing for a moment, and the lines that hold it; of what grows again as it does. */
function useSearch(log: ShownLog, begins: string, show: (place: number) => void) {
  const [sought, seek] = useState(begins);
  const [hits, setHits] = useState<Hits | null>(null);
  const [at, setAt] = useState(0);
  const { find } = log;
  const last = useRef(find);
  last.current = find;
  useEffect(() => {
    setHits(null);
    setAt(0);
    if (!sought) return;
    const ending = new AbortController();
    const look = async () => {
      const found = await last.current(sought, ending.signal).catch((fault: unknown) => {
        if (!ending.signal.aborted) sayProblem(fault);
        return null;
      });
      if (!found || ending.signal.aborted) return;
      setHits(found);
      if (found.places.length > 0) show(found.places[0]!);
    };
    const timer = setTimeout(() => void look(), SOUGHT_AFTER_MS);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [sought, show]);
  const turn = (by: number) => {
    if (!hits || hits.places.length === 0) return;
    const next = (at + by + hits.places.length) % hits.places.length;
    setAt(next);
    show(hits.places[next]!);
  };
  return { sought, seek, hits, at, turn };
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
function useWindow(count: number, begins: boolean) {
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ scroll: 0, height: 600 });
  const [isFollowing, setFollowing] = useState(begins);
  const own = useRef(false);
  const lines = useRef(count);
  lines.current = count;
  useLayoutEffect(() => {
    const element = frame.current!;
    const observer = new ResizeObserver(() => setView({ scroll: element.scrollTop, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = frame.current!;
    if (!isFollowing) return;
    own.current = true;
    element.scrollTop = element.scrollHeight;
  }, [count, isFollowing]);
  const onScroll = () => {
    const element = frame.current!;
    setView({ scroll: element.scrollTop, height: element.clientHeight });
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < LINE;
    if (own.current) own.current = false;
    else if (!isAtEnd) setFollowing(false);
    else if (begins) setFollowing(true);
  };
  const show = useCallback((line: number) => {
    const element = frame.current!;
    setFollowing(false);
    element.scrollTop = scrollTo(line, lines.current, element.clientHeight);
  }, []);
  return { frame, ...view, isFollowing, follow: () => setFollowing((now) => !now), show, onScroll };
}
