/**
 * Reading server-sent events, and coming back to them.
 *
 * With fetch and not with EventSource: that cannot be told from which event on to begin, gives up for good on a daemon that answers
 * 503 while it recovers, and does not notice a connection that is dead without having been closed.
 */
import { ask, Problem } from "./client";

export interface Message {
  event: string;
  id: string;
  data: string;
}

export interface StreamOptions {
  url: string;
  /** From the event after this one on. */
  after?: string;
  onMessage: (message: Message) => void;
  /** Called at each beginning, the first one and every one after a break. */
  onOpen?: () => void;
  onBreak?: (problem: Problem | undefined) => void;
  /** The source has said that nothing more will come. */
  onEnd?: () => void;
}

/** A daemon says something every 15 s; one that is silent for longer than twice that is gone. */
const SILENCE_MS = 35_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 4_000;

/** Read until the answer is called. */
export function readStream(options: StreamOptions): () => void {
  const ending = new AbortController();
  void follow(options, ending.signal);
  return () => ending.abort();
}

async function follow(options: StreamOptions, ended: AbortSignal): Promise<void> {
  const place = { last: options.after ?? "" };
  let pause = FIRST_PAUSE_MS;
  while (!ended.aborted) {
    let problem: Problem | undefined;
    try {
      for await (const message of messagesOf(options.url, place, ended, options.onOpen)) {
        pause = FIRST_PAUSE_MS;
        if (message.event === "end") return options.onEnd?.();
        options.onMessage(message);
      }
    } catch (fault) {
      problem = fault instanceof Problem ? fault : undefined;
    }
    if (ended.aborted) return;
    options.onBreak?.(problem);
    if (problem && (problem.status === 401 || problem.status === 404)) return;
    await sleep(pause, ended);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** `place.last` is the id after which it begins, and goes with what was read: heartbeats carry ids too. */
async function* messagesOf(
  url: string,
  place: { last: string },
  ended: AbortSignal,
  onOpen?: () => void,
): AsyncGenerator<Message> {
  const quiet = new AbortController();
  let alarm = setTimeout(() => quiet.abort(), SILENCE_MS);
  const stop = () => quiet.abort();
  ended.addEventListener("abort", stop);
  try {
    const response = await ask(url, {
      headers: place.last ? { "Last-Event-ID": place.last } : {},
      signal: quiet.signal,
      cache: "no-store",
    });
    onOpen?.();
    const parser = new EventParser(place.last);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(alarm);
      alarm = setTimeout(() => quiet.abort(), SILENCE_MS);
      const messages = [...parser.take(value)];
      place.last = parser.id;
      yield* messages;
    }
  } finally {
    clearTimeout(alarm);
    ended.removeEventListener("abort", stop);
    quiet.abort();
  }
}

function sleep(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    ended.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** Text as it comes → whole messages (the event-stream format of the HTML standard, without `retry`). */
export class EventParser {
  #rest = "";
  #event = "";
  #data: string[] = [];

  /** `id` is the last one that was told. */
  constructor(public id = "") {}

  *take(text: string): Generator<Message> {
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") yield* this.#dispatch();
      else this.#read(line);
    }
  }

  *#dispatch(): Generator<Message> {
    if (this.#data.length > 0) {
      yield { event: this.#event || "message", id: this.id, data: this.#data.join("\n") };
    }
    this.#event = "";
    this.#data = [];
  }

  #read(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "id" && !value.includes("\0")) this.id = value;
  }
}
