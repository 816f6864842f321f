/**
 * Terminal output as lines of a log: text without control sequences, each with its number and, where it is known, its time.
 *
 * What a line overwrites itself with (progress bars) is kept in its last form. It takes the output in pieces as they come, and a piece
 * may end anywhere.
 */

export interface LogLine {
  text: string;
  /** Seconds since the beginning of the recording. */
  at: number | null;
}

const ESCAPE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])/g;
/** A sequence that has begun and not ended: kept back until the next piece. */
const BEGUN = /\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]{0,4096}\x1b?|[ -/]*)?$/;
const OTHER = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

export class LogLines {
  readonly lines: LogLine[] = [];
  #rest = "";
  #open: LogLine | null = null;

  /** Take a piece of the output, written at `at`. */
  take(text: string, at: number | null = null): void {
    let whole = this.#rest + text;
    this.#rest = "";
    const begun = BEGUN.exec(whole);
    if (begun) {
      this.#rest = begun[0];
      whole = whole.slice(0, begun.index);
    }
    const parts = whole.replace(ESCAPE, "").replace(OTHER, (one) => (one === "\x08" ? one : "")).split("\n");
    parts.forEach((part, index) => {
      if (index > 0) this.#open = null;
      if (part !== "" || index < parts.length - 1) this.#append(part, at);
    });
  }

  #append(part: string, at: number | null): void {
    if (!this.#open) {
      this.#open = { text: "", at };
      this.lines.push(this.#open);
    }
    const text = this.#open.text + part;
    const last = text.replace(/\r+$/, "");
    const returned = last.lastIndexOf("\r");
    this.#open.text = returned < 0 ? text : last.slice(returned + 1) + text.slice(last.length);
    this.#open.at ??= at;
  }

  /** The text of a line as it is shown. */
  static shown(line: LogLine): string {
    return line.text.replace(/\r/g, "").replace(/[^\x08]?\x08/g, "");
  }
}

/** Numbers of the lines, from 0, in which `sought` is found, whatever its case. */
export function found(lines: readonly LogLine[], sought: string): number[] {
  const needle = sought.toLowerCase();
  if (!needle) return [];
  return lines.flatMap((line, index) => (line.text.toLowerCase().includes(needle) ? [index] : []));
}
