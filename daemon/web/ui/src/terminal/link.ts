/**
 * A page's connection to a session's terminal: bytes in the order in which the agent wrote them, each once.
 *
 * It knows the offset up to which it has shown the output, so after a break, of the network or of the daemon, it goes on there.
 */
import { API } from "../api/client";

export type TerminalState = "connecting" | "live" | "away" | "ended";

export interface Size {
  rows: number;
  cols: number;
}

/** What is told about a terminal beside its output. */
export interface TerminalNotice {
  taken_over_by?: string;
  released_by?: string;
  resized?: Size;
  /** Bytes that came faster than anybody reads, and were left out. */
  gap?: { from: number; to: number };
  disk_full?: boolean;
  truncated?: boolean;
}

export interface LinkEvents {
  /** Call `shown` once they are on the screen: no more than the window is sent before. */
  onBytes: (bytes: Uint8Array, shown: () => void) => void;
  /** The terminal's size, and who types. */
  onHello: (size: Size, typist: string | null) => void;
  onState: (state: TerminalState) => void;
  onNotice: (notice: TerminalNotice) => void;
  onRefused: (title: string, detail: string) => void;
  onExit: () => void;
}

const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 4_000;
/** Of a log that is larger only its end is read. Not more than the daemon's window: of a session that has ended it comes as one piece. */
const TAIL = 1 << 18;
/** Acknowledged in pieces of this size; the window of the daemon is four times as large. */
const ACKNOWLEDGED = 1 << 16;

export class TerminalLink {
  /** Up to where the output has come; null before anything is known. */
  offset: number | null = null;
  #acknowledged = 0;
  #session: string;
  #events: LinkEvents;
  #socket: WebSocket | undefined;
  #pause = FIRST_PAUSE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  #isEnded = false;
  #size: Size | undefined;
  #takesOver = false;

  constructor(session: string, events: LinkEvents) {
    this.#session = session;
    this.#events = events;
    this.#open();
  }

  /** Hold the keyboard from now on, or give it back. */
  takeOver(takesOver: boolean): void {
    if (takesOver === this.#takesOver) return;
    this.#takesOver = takesOver;
    this.#reopen();
  }

  type(data: Uint8Array<ArrayBuffer>): boolean {
    if (!this.#takesOver || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  resize(rows: number, cols: number): void {
    this.#size = { rows, cols };
    this.#sendSize();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #reopen(): void {
    clearTimeout(this.#timer);
    this.#drop();
    if (!this.#isEnded) this.#open();
  }

  #sendSize(): void {
    if (this.#takesOver && this.#size && this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ type: "resize", ...this.#size }));
    }
  }

  #open(): void {
    if (this.#isClosed) return;
    this.#events.onState("connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const from: Record<string, string> = this.offset === null ? { tail: String(TAIL) } : { offset: String(this.offset) };
    const keys: Record<string, string> = this.#takesOver ? { take_over: "true" } : {};
    const query = new URLSearchParams({ ...from, ...keys, hello: "true", flow: "true", live: "true" });
    const socket = new WebSocket(`${scheme}://${location.host}${API}/sessions/${this.#session}/terminal?${query}`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      this.#pause = FIRST_PAUSE_MS;
      this.#events.onState("live");
    };
    socket.onmessage = (message) => socket === this.#socket && this.#take(message.data);
    socket.onclose = () => socket === this.#socket && this.#lost();
  }

  #take(data: ArrayBuffer | string): void {
    if (typeof data !== "string") {
      const bytes = new Uint8Array(data);
      const end = (this.offset ?? 0) + bytes.length;
      this.offset = end;
      const { length } = bytes;
      this.#events.onBytes(bytes, () => this.#acknowledge(end, length));
      return;
    }
    const { type, ...body } = JSON.parse(data) as { type: string } & Record<string, unknown>;
    if (type === "exit") this.#end();
    else if (type === "hello") this.#greeted(body);
    else if (type === "refused") this.#events.onRefused(String(body["title"]), String(body["detail"]));
    else if (type === "notice") this.#noticed(body as TerminalNotice);
  }

  #noticed(notice: TerminalNotice): void {
    if (notice.taken_over_by !== undefined) this.#takesOver = false;
    if (notice.gap) {
      this.offset = notice.gap.to;
      this.#acknowledge(notice.gap.to, ACKNOWLEDGED); // the window stands before the gap otherwise, and nothing more would come
    }
    this.#events.onNotice(notice);
  }

  #greeted(body: Record<string, unknown>): void {
    const { offset, rows, cols, typist } = body as { offset: number; rows: number; cols: number; typist: string | null };
    this.offset = offset;
    this.#acknowledged = offset;
    this.#events.onHello({ rows, cols }, typist);
    this.#sendSize();
  }

  #acknowledge(end: number, length: number): void {
    if (end - this.#acknowledged < ACKNOWLEDGED && length < ACKNOWLEDGED) return;
    this.#acknowledged = end;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type: "ack", offset: end }));
  }

  #end(): void {
    this.#isEnded = true;
    this.#events.onState("ended");
    this.#events.onExit();
    this.#drop();
  }

  #lost(): void {
    this.#socket = undefined;
    if (this.#isClosed || this.#isEnded) return;
    this.#events.onState("away");
    this.#timer = setTimeout(() => this.#open(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }
}
