/**
 * A chain as a picture that is alive: agents with their standing, arrows that light up when an event goes along them.
 *
 * It moves by dragging and zooms by wheel, buttons and keys. Every agent is a link in the order of the chain. The same is told by the
 * list of agents beside it, which is the one for screen readers: this picture names itself and its agents, and no more.
 */
import { memo, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";

import type { AgentDefinition } from "../api/types";
import { IconButton } from "../parts/button";
import { StateIcon } from "../parts/state";
import { WORDS, type Standing } from "../parts/standing";
import { go, isPlain } from "../router";
import { arrowsOf, startedBy } from "./arrows";
import { layoutOf, NODE, type Layout, type Path, type Placed } from "./layout";

export interface NodeFacts {
  is: Standing;
  /** Beside the name: turns, legs, duration. */
  note: string;
  to: string;
  needsPerson?: boolean;
}

interface GraphProps {
  agents: Record<string, AgentDefinition>;
  factsOf: (agent: string) => NodeFacts;
  /** Arrows that an event has gone along, as `from → to`, with how often. */
  travelled?: Map<string, number>;
  selected?: string | null;
  label: string;
  /** The chain itself, not a run of it. */
  isDefinition?: boolean;
}

interface View {
  x: number;
  y: number;
  scale: number;
}

const MARGIN = 24;
/** Room below for the legend and the buttons. */
const LEGEND = 16;
const SMALLEST = 0.08;
const LARGEST = 1.6;
/** On a window as narrow as this the beginning is shown large enough to read, and the rest by moving. */
const NARROW = 600;
/** Below this, names cannot be read: nodes become blocks of colour. */
const READABLE = 0.42;

export function Graph({ agents, factsOf, travelled, selected, label, isDefinition = false }: GraphProps) {
  const names = Object.keys(agents);
  const shape = names.map((name) => `${name}:${JSON.stringify([agents[name]!.needs, agents[name]!.listens])}`).join();
  const layout = useMemo(() => layoutOf(names, arrowsOf(agents)), [shape]); // eslint-disable-line
  const frame = useRef<HTMLDivElement>(null);
  const { view, setView, fit, size } = useView(frame, layout);
  const drag = useDrag(view, setView);
  const zoom = (factor: number) => setView((now) => zoomed(now, factor, size.width / 2, size.height / 2));
  const shown = layout.height * (size.width > NARROW ? Math.min(1, (size.width - 2 * MARGIN) / layout.width) : 1);
  const height = Math.min(Math.max(shown + 2 * MARGIN + LEGEND, 150), Math.max(320, innerHeight * 0.46));
  return (
    <div className={isDefinition ? "graph defined" : "graph"} style={{ height }}>
      <div
        ref={frame}
        className="graph-frame"
        role="group"
        aria-label={label}
        onKeyDown={(event) => onKey(event, zoom, setView, fit)}
        {...drag}
      >
        <svg width="100%" height="100%">
          <ArrowHeads />
          <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
            {layout.paths.map((path) => (
              <Arrow key={`${path.arrow.from}\n${path.arrow.to}`} path={path} isNamed={view.scale > READABLE} travelled={travelled} />
            ))}
            {layout.nodes.map((placed) => {
              const facts = factsOf(placed.id);
              return (
                <Node
                  key={placed.id}
                  placed={placed}
                  agent={agents[placed.id]!}
                  {...facts}
                  needsPerson={facts.needsPerson ?? false}
                  isSelected={placed.id === selected}
                  isSmall={view.scale < READABLE}
                />
              );
            })}
          </g>
        </svg>
      </div>
      <Legend layout={layout} />
      <div className="graph-tools">
        <IconButton icon="plus" label="Larger" onClick={() => zoom(1.25)} />
        <IconButton icon="minus" label="Smaller" onClick={() => zoom(0.8)} />
        <IconButton icon="fit" label="Show all" onClick={fit} />
      </div>
    </div>
  );
}

/** What the two kinds of arrows mean, where there are both. */
function Legend({ layout }: { layout: Layout }) {
  const isNeed = layout.paths.map(({ arrow }) => arrow.events.length === 0);
  if (!isNeed.includes(true) || !isNeed.includes(false)) return null;
  return (
    <div className="graph-legend" aria-hidden="true">
      <span>
        <i />
        an event
      </span>
      <span className="need">
        <i />
        needs it settled
      </span>
    </div>
  );
}

function ArrowHeads() {
  return (
    <defs>
      {["", "-travelled"].map((kind) => (
        <marker
          key={kind}
          id={`head${kind}`}
          className={`head${kind}`}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto-start-reverse"
        >
          <path d="M1 1 7 4 1 7z" />
        </marker>
      ))}
    </defs>
  );
}

interface ArrowProps {
  path: Path;
  isNamed: boolean;
  travelled: Map<string, number> | undefined;
}

function Arrow({ path, isNamed, travelled }: ArrowProps) {
  const times = travelled?.get(`${path.arrow.from} → ${path.arrow.to}`) ?? 0;
  const kind = `${times ? "travelled" : ""} ${path.arrow.events.length ? "" : "need"}`;
  const name = path.arrow.events.join(", ");
  return (
    <g className={`arrow ${kind}`}>
      <path d={path.d} markerEnd={times ? "url(#head-travelled)" : "url(#head)"} />
      {times > 0 && <path key={times} className="pulse" d={path.d} />}
      {isNamed && name && (
        <text className={path.isBack ? undefined : "on-pointing"} x={path.label.x} y={path.label.y - 5} textAnchor="middle">
          {name}
        </text>
      )}
      <title>{name ? `${path.arrow.from} → ${path.arrow.to}: ${name}` : `${path.arrow.to} needs ${path.arrow.from}`}</title>
    </g>
  );
}

interface NodeProps extends NodeFacts {
  placed: Placed;
  agent: AgentDefinition;
  needsPerson: boolean;
  isSelected: boolean;
  isSmall: boolean;
}

const Node = memo(function Node({ placed, agent, is, note, to, needsPerson, isSelected, isSmall }: NodeProps) {
  const clip = useId();
  const told = note || startedBy(agent);
  const text = is === "idle" ? 16 : 37;
  return (
    <a
      href={to}
      className={`node is-${is} ${isSelected ? "selected" : ""} ${needsPerson ? "calls" : ""}`}
      aria-label={`${isSmall ? agent.id : `${agent.id} ${told}`}, ${WORDS[is]}${needsPerson ? ", waits for a person" : ""}, ${startedBy(agent)}`}
      onClick={(event) => {
        if (!isPlain(event)) return;
        event.preventDefault();
        go(to);
      }}
    >
      <title>{`${agent.id} · ${WORDS[is]}${note ? ` · ${note}` : ""}\n${startedBy(agent)}`}</title>
      <g transform={`translate(${placed.x} ${placed.y})`}>
      {agent.strategy && <rect className="behind" x="5" y="-5" width={NODE.width - 5} height={NODE.height} rx="9" />}
      <rect className="box" width={NODE.width} height={NODE.height} rx="9" />
      <rect className="edge" width="3" height={NODE.height - 20} x="0" y="10" rx="1.5" />
      {!isSmall && (
        <>
          <clipPath id={clip}>
            <rect x={text - 1} y="0" width={NODE.width - text - 7} height={NODE.height} />
          </clipPath>
          {is !== "idle" && (
            <g transform="translate(13 17)">
              <StateIcon is={is} />
            </g>
          )}
          <g clipPath={`url(#${clip})`}>
            <text>
              <tspan className="node-name" x={text} y="22">
                {agent.id}
              </tspan>{" "}
              <tspan className="node-note" x={text} y="38">
                {told}
              </tspan>
            </text>
          </g>
        </>
      )}
      </g>
    </a>
  );
});

/** What is seen of the picture: at first all of it, and again when the window changes, until a person has moved it. */
function useView(frame: React.RefObject<HTMLDivElement | null>, layout: Layout) {
  const [view, setOwn] = useState<View>({ x: MARGIN, y: MARGIN, scale: 1 });
  const [size, setSize] = useState({ width: 0, height: 0 });
  const isMoved = useRef(false);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSize({ width, height });
    });
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, [frame]);
  useEffect(() => {
    if (!isMoved.current && size.width > 0) setOwn(fitted(layout, size));
  }, [layout, size]);
  useEffect(() => {
    const element = frame.current!;
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey && Math.abs(event.deltaX) < Math.abs(event.deltaY) && event.shiftKey === false) {
        if (!document.activeElement || !element.contains(document.activeElement)) return; // the page scrolls on past it
      }
      event.preventDefault();
      isMoved.current = true;
      const box = element.getBoundingClientRect();
      setOwn((now) => zoomed(now, Math.exp(-event.deltaY * 0.0016), event.clientX - box.left, event.clientY - box.top));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [frame]);
  const setView = (change: (now: View) => View) => {
    isMoved.current = true;
    setOwn(change);
  };
  const fit = () => {
    isMoved.current = false;
    setOwn(fitted(layout, size));
  };
  return { view, setView, fit, size };
}

function fitted(layout: Layout, size: { width: number; height: number }): View {
  const room = { width: size.width - 2 * MARGIN, height: size.height - 2 * MARGIN };
  const least = size.width < NARROW ? READABLE + 0.16 : SMALLEST;
  const scale = Math.max(least, Math.min(1, room.width / layout.width, room.height / layout.height));
  return {
    x: Math.max(MARGIN, (size.width - layout.width * scale) / 2),
    y: Math.max(MARGIN * 0.5, (size.height - LEGEND - layout.height * scale) / 2),
    scale,
  };
}

function zoomed(view: View, factor: number, x: number, y: number): View {
  const scale = Math.min(LARGEST, Math.max(SMALLEST, view.scale * factor));
  const ratio = scale / view.scale;
  return { x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio, scale };
}

function useDrag(view: View, setView: (change: (now: View) => View) => void) {
  const start = useRef<{ x: number; y: number; view: View } | null>(null);
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0 || (event.target as Element).closest("a")) return;
      start.current = { x: event.clientX, y: event.clientY, view };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      const from = start.current;
      if (!from) return;
      setView(() => ({ ...from.view, x: from.view.x + event.clientX - from.x, y: from.view.y + event.clientY - from.y }));
    },
    onPointerUp: () => (start.current = null),
    onPointerCancel: () => (start.current = null),
  };
}

const STEP = 60;
const MOVES: Record<string, [number, number]> = {
  ArrowLeft: [STEP, 0],
  ArrowRight: [-STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};

function onKey(
  event: KeyboardEvent,
  zoom: (factor: number) => void,
  setView: (change: (now: View) => View) => void,
  fit: () => void,
): void {
  const move = MOVES[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (move) setView((now) => ({ ...now, x: now.x + move[0], y: now.y + move[1] }));
  else if (event.key === "+" || event.key === "=") zoom(1.25);
  else if (event.key === "-") zoom(0.8);
  else if (event.key === "0") fit();
  else return;
  event.preventDefault();
}
