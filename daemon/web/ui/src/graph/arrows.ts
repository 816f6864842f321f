/** A chain as nodes and arrows: who can start whom, and by what. The daemon's `graph` verb reads chains in the same way. */
import type { AgentDefinition, Chain } from "../api/types";

export interface Arrow {
  from: string;
  to: string;
  /** Names of the events that do it; empty for a need. */
  events: string[];
}

type Agents = Chain["agents"];

/** One arrow between any two agents, with all that connects them. */
export function arrowsOf(agents: Agents): Arrow[] {
  const found = new Map<string, Arrow>();
  for (const [name, agent] of Object.entries(agents)) {
    for (const need of agent.needs) if (agents[need]) add(found, need, name, null);
    for (const event of agent.listens?.names ?? []) {
      for (const emitter of emittersOf(agents, event)) add(found, emitter, name, event);
    }
  }
  return [...found.values()];
}

function add(found: Map<string, Arrow>, from: string, to: string, event: string | null): void {
  const key = `${from}\n${to}`;
  const arrow = found.get(key) ?? { from, to, events: [] };
  if (event !== null && !arrow.events.includes(event)) arrow.events.push(event);
  found.set(key, arrow);
}

/** Who declares an event, or whose automatic one it is (`write.failed`). */
export function emittersOf(agents: Agents, event: string): string[] {
  const owner = event.slice(0, Math.max(0, event.lastIndexOf(".")));
  return Object.keys(agents).filter((name) => event in agents[name]!.emits || name === owner);
}

/** Whether an agent starts with the run. */
export const startsWithRun = (agent: AgentDefinition) => agent.needs.length === 0 && agent.listens === null;

/** What an agent waits for, in words. */
export function startedBy(agent: AgentDefinition): string {
  if (agent.needs.length > 0) return `after ${agent.needs.join(", ")}`;
  if (!agent.listens) return "with the run";
  const { mode, names, count } = agent.listens;
  if (names.length === 1) return `on ${names[0]}`;
  const how = { any: "any of", all: "all of", first: "the first of", quorum: `${count} of` }[mode];
  return `on ${how} ${names.join(", ")}`;
}
