/** A standing as people see it: a shape of its own, a word, and a colour, in this order of weight. */
import { WORDS, type Standing } from "./standing";

const RING = "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z";

const SHAPES: Record<Standing, string> = {
  succeeded: `${RING}M5.4 8.2l1.8 1.8 3.4-3.8`,
  failed: `${RING}M6 6l4 4M10 6l-4 4`,
  timed_out: `${RING}M8 5v3l2 1.4`,
  cancelled: `${RING}M4.3 11.7l7.4-7.4`,
  skipped: "M3.5 4.5 7 8l-3.5 3.5M8.5 4.5 12 8l-3.5 3.5",
  lost: "M6 6a2 2 0 1 1 2.8 1.9c-.5.2-.8.6-.8 1.2M8 11.4h.01M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z",
  queued: RING,
  waiting: "M6.3 5v6M9.7 5v6M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z",
  starting: "M8 2.5a5.5 5.5 0 0 1 5.5 5.5",
  running: "M8 2.5A5.5 5.5 0 0 1 13.5 8",
  stopping: "M6 6h4v4H6zM8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z",
  idle: "M8 8h.01",
};

export function StateIcon({ is, size = 16 }: { is: Standing; size?: number }) {
  const turns = is === "running" || is === "starting";
  return (
    <svg className={`state-icon is-${is}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {turns && <path className="track" d={RING} />}
      <path className={turns ? "turning" : undefined} d={SHAPES[is] ?? SHAPES.idle} />
      {turns && <circle className="heart" cx="8" cy="8" r="1.6" />}
    </svg>
  );
}

/** Icon and word. `quiet` leaves the word to screen readers, where a column has no room. */
export function State({ is, quiet = false }: { is: Standing; quiet?: boolean }) {
  return (
    <span className={`state is-${is}`} title={quiet ? WORDS[is] : undefined}>
      <StateIcon is={is} />
      <span className={quiet ? "unseen" : undefined}>{WORDS[is] ?? is}</span>
    </span>
  );
}

/** The same on a ground of its colour, for headings. */
export function StatePill({ is }: { is: Standing }) {
  return (
    <span className={`pill is-${is}`}>
      <StateIcon is={is} size={14} />
      {WORDS[is] ?? is}
    </span>
  );
}
