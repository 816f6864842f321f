/** Reading an asciicast (version 3): a header, then lines of [seconds since the last, kind, text]. */

export interface CastEvent {
  /** Seconds since the beginning. */
  at: number;
  kind: string;
  text: string;
}

export interface Cast {
  cols: number;
  rows: number;
  /** Seconds since the epoch; null when the recording does not say. */
  startedAt: number | null;
  events: CastEvent[];
  length: number;
}

/** What can be read of it: a recording that breaks off ends there. Raises Error for what is no asciicast. */
export function castOf(text: string): Cast {
  const lines = text.split("\n");
  const header = parsed(lines[0] ?? "") as { version?: number; term?: { cols?: number; rows?: number }; timestamp?: number } | null;
  if (header?.version !== 3) throw new Error("this is no recording of version 3");
  const events: CastEvent[] = [];
  let at = 0;
  for (const line of lines.slice(1)) {
    if (line === "" || line.startsWith("#")) continue;
    const event = parsed(line);
    if (!Array.isArray(event) || typeof event[0] !== "number") break;
    at += event[0];
    events.push({ at, kind: String(event[1]), text: String(event[2] ?? "") });
  }
  return {
    cols: header.term?.cols ?? 120,
    rows: header.term?.rows ?? 40,
    startedAt: header.timestamp ?? null,
    events,
    length: at,
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The number of events that have happened by `time`. */
export function until(events: readonly CastEvent[], time: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle]!.at <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
