/**
 * A page's connection to a session's terminal: bytes in the order in which the agent wrote them, each once.
 *
 * It knows the offset up to which it has shown the output, so after a break, of the network or of the daemon, it goes on there.
 */
import { API } from "../api/client";

export type TerminalState = "connecting" | "live" | "away" | "ended";

export interface TerminalNotice {
  taken_over_by?: string;
  disk_full?: boolean;
  truncated?: boolean;
  [other: string]: unknown;
}

export interface LinkEvents {
  onBytes: (bytes: Uint8Array, offset: number) => void;
  onState: (state: TerminalState) => void;
  onNotice: (notice: TerminalNotice) => void;
  onRefused: (title: string, detail: string) => void;
  onExit: () => void;
}

const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 4_000;

export class TerminalLink {
  offset: number;
  #session: string;
  #events: LinkEvents;
  #socket: WebSocket | undefined;
  #takesOver: boolean;
  #pause = FIRST_PAUSE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  #isEnded = false;
  #size: { rows: number; cols: number } | undefined;

  constructor(session: string, events: LinkEvents, options: { offset?: number; takesOver?: boolean } = {}) {
    this.#session = session;
    this.#events = events;
    this.offset = options.offset ?? 0;
    this.#takesOver = options.takesOver ?? false;
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
    const query = new URLSearchParams({ offset: String(this.offset), ...(this.#takesOver ? { take_over: "true" } : {}) });
    const socket = new WebSocket(`${scheme}://${location.host}${API}/sessions/${this.#session}/terminal?${query}`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      this.#pause = FIRST_PAUSE_MS;
      this.#events.onState("live");
      this.#sendSize();
    };
    socket.onmessage = (message) => socket === this.#socket && this.#take(message.data);
    socket.onclose = () => socket === this.#socket && this.#lost();
  }

  #take(data: ArrayBuffer | string): void {
    if (typeof data !== "string") {
      const bytes = new Uint8Array(data);
      const offset = this.offset;
      this.offset += bytes.length;
      this.#events.onBytes(bytes, offset);
      return;
    }
    const { type, ...body } = JSON.parse(data) as { type: string } & Record<string, unknown>;
    if (type === "exit") this.#end();
    else if (type === "refused") this.#events.onRefused(String(body["title"]), String(body["detail"]));
    else if (type === "notice") this.#noticed(body as TerminalNotice);
  }

  #noticed(notice: TerminalNotice): void {
    if (notice.taken_over_by !== undefined) this.#takesOver = false;
    this.#events.onNotice(notice);
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
