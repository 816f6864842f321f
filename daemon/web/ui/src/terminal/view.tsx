/**
 * A session's terminal: live, and on request with the keyboard.
 *
 * Whoever watches sends nothing, not even answers of the terminal. Who takes over types, sets the size, and answers what the agent asks
 * from then on; what was written before is played without answers. Bytes go to the screen as they come.
 */
import "@xterm/xterm/css/xterm.css";

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { useEffect, useRef, useState } from "react";

import { Button } from "../parts/button";
import { Icon } from "../parts/icon";
import { say, sayProblem } from "../parts/notices";
import { Problem } from "../api/client";
import { bytes as bytesOf } from "../parts/times";
import { onTheme, shownTheme } from "../shell/theme";
import { COLOURS } from "./colours";
import { makeInert } from "./inert";
import { TerminalLink, type TerminalState } from "./link";

const LINE_HEIGHT = 1.08;
export const FONT = '"JetBrains Mono", ui-monospace, "SF Mono", Menlo, Consolas, monospace';
/** What a session's terminal is unless somebody has set its size (`schemas.session`). */

export const USUAL_SIZE = { cols: 120, rows: 40 };

interface TerminalViewProps {
  session: string;
  /** Who the page belongs to: typing taken over under this name by another window is told differently. */
  label: string;
}

const SAID: Record<TerminalState, string> = {
  connecting: "connecting",
  live: "live",
  away: "reconnecting",
  ended: "ended",
};

export function TerminalView({ session, label }: TerminalViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const hand = useRef<{ link: TerminalLink; terminal: Terminal; fit: () => void } | null>(null);
  const [state, setState] = useState<TerminalState>("connecting");
  const [isTyping, setTyping] = useState(false);
  const [holder, setHolder] = useState("");
  const typing = useRef(false);
  typing.current = isTyping;

  useEffect(() => {
    const held = openTerminal(place.current!, session, {
      isTyping: () => typing.current,
      onState: (next) => {
        setState(next);
        if (next === "ended") setTyping(false);
      },
      onTaken: (who) => {
        if (typing.current) say(`${who} has taken over the keyboard`);
        setTyping(false);
        setHolder(who);
      },
      onHolder: setHolder,
      onRefused: (title, detail) => {
        setTyping(false);
        sayProblem(new Problem(403, "denied", title, detail));
      },
    });
    hand.current = held;
    return () => {
      hand.current = null;
      held.close();
    };
  }, [session]);

  const take = (takes: boolean) => {
    setTyping(takes);
    setHolder("");
    typing.current = takes;
    hand.current?.link.takeOver(takes);
    hand.current?.fit();
    if (takes) hand.current?.terminal.focus();
  };

  return (
    <div className={`term ${isTyping ? "typing" : ""}`}>
      <div className="terminal-bar">
        <span className={`link-state is-${state}`}>
          <span className="dot" />
          {SAID[state]}
        </span>
        <span className="terminal-holder" role="status">
          {isTyping ? "You are typing. Others watch." : holder ? `${holder} is typing` : state === "ended" ? "" : "Watching"}
        </span>
        <span className="grow" />
        {state !== "ended" &&
          (isTyping ? (
            <Button icon="keyboard" onClick={() => take(false)}>
              Stop typing
            </Button>
          ) : (
            <Button icon="keyboard" onClick={() => take(true)} disabled={state !== "live"}>
              Take over
            </Button>
          ))}
      </div>
      <div ref={place} className="terminal-screen" aria-label={label} role="group" />
      {isTyping && (
        <p className="terminal-hint">
          <Icon name="keyboard" size={13} /> Keys go to the agent. <kbd>Ctrl</kbd>+<kbd>]</kbd> gives the keyboard back.
        </p>
      )}
    </div>
  );
}

interface Hooks {
  isTyping: () => boolean;
  onState: (state: TerminalState) => void;
  onTaken: (who: string) => void;
  /** Who types now; empty for nobody. */
  onHolder: (who: string) => void;
  onRefused: (title: string, detail: string) => void;
}

function openTerminal(place: HTMLElement, session: string, hooks: Hooks) {
  const terminal = newTerminal();
  const fitting = new FitAddon();
  terminal.loadAddon(fitting);
  terminal.open(place);
  makeReachable(place);
  const fit = () => {
    if (hooks.isTyping()) {
      terminal.options.fontSize = LARGEST_FONT;
      fitting.fit();
      link.resize(terminal.rows, terminal.cols);
    } else fitFont(terminal, place);
  };
  const answering = new Answering();
  makeInert(terminal, () => hooks.isTyping() && answering.isNow);
  const link = new TerminalLink(session, {
    onBytes: (bytes, shown) => terminal.write(bytes, shown),
    onHello: (size, typist) => {
      if (!hooks.isTyping()) terminal.resize(size.cols, size.rows);
      fit();
      hooks.onHolder(hooks.isTyping() ? "" : (typist ?? ""));
    },
    onState: (state) => {
      if (state === "live") answering.soon(terminal);
      else answering.stop();
      hooks.onState(state);
    },
    onNotice: (notice) => {
      if (notice.taken_over_by !== undefined) hooks.onTaken(notice.taken_over_by);
      if (notice.released_by !== undefined) hooks.onHolder("");
      if (notice.resized && !hooks.isTyping()) {
        terminal.resize(notice.resized.cols, notice.resized.rows);
        fit();
      }
      if (notice.gap) terminal.write(`\r\n\x1b[0;2m… ${bytesOf(notice.gap.to - notice.gap.from)} came too fast to be shown; the log has them …\x1b[0m\r\n`);
    },
    onRefused: hooks.onRefused,
    onExit: () => terminal.write("\x1b[?25l"),
  });
  const encoder = new TextEncoder();
  const send = (text: string) => {
    if (hooks.isTyping()) link.type(encoder.encode(text));
  };
  terminal.onData(send);
  terminal.onBinary((text) => hooks.isTyping() && link.type(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
  terminal.attachCustomKeyEventHandler((event) => {
    if (!hooks.isTyping()) return false; // not even Tab: the page has it
    if (event.ctrlKey && event.key === "]") {
      if (event.type === "keydown") (document.querySelector(".terminal-bar button") as HTMLButtonElement | null)?.click();
      return false;
    }
    return true;
  });
  const observer = new ResizeObserver(fit);
  observer.observe(place);
  const offTheme = onTheme(() => (terminal.options.theme = COLOURS[shownTheme()]));
  void document.fonts.ready.then(fit);
  return {
    link,
    terminal,
    fit,
    close: () => {
      answering.stop();
      observer.disconnect();
      offTheme();
      link.close();
      terminal.dispose();
    },
  };
}

/**
 * When the agent's questions may be answered: what was on its way when the keyboard was taken is old, and what comes after it is meant
 * for who holds it now.
 */
class Answering {
  isNow = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  soon(terminal: Terminal): void {
    this.stop();
    this.#timer = setTimeout(() => terminal.write("", () => (this.isNow = true)), OLD_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.isNow = false;
  }
}

const OLD_MS = 300;

export function newTerminal(): Terminal {
  return new Terminal({
    ...USUAL_SIZE,
    fontFamily: FONT,
    fontSize: 13,
    lineHeight: LINE_HEIGHT,
    scrollback: 20_000,
    theme: COLOURS[shownTheme()],
    minimumContrastRatio: 4.5,
    cursorBlink: false,
    allowProposedApi: false,
    linkHandler: {
      allowNonHttpProtocols: false,
      activate: (_, address) => void open(address, "_blank", "noopener,noreferrer"),
    },
  });
}

/** The log is the equal of the terminal for screen readers; the terminal's own helpers must not be read in its place. */
export function makeReachable(place: HTMLElement): void {
  place.querySelector("textarea")?.setAttribute("aria-label", "Keys for the terminal");
}

const SMALLEST_FONT = 8;
/** Below this the page is rather scrolled. */
const SHORTEST_FONT = 10.5;
const LARGEST_FONT = 13;
/** Of a letter of this font, to its size. */
const LETTER = { width: 0.6, height: 1.32 * LINE_HEIGHT };

/** A watcher sees the agent's own lines, whole: the letters get smaller, until they cannot be read. */
export function fitFont(terminal: Terminal, place: HTMLElement): void {
  const width = place.clientWidth - 28;
  if (width <= 0) return;
  const height = innerHeight - place.getBoundingClientRect().top - scrollY - 34;
  const fitting = Math.min(width / terminal.cols / LETTER.width, Math.max(SHORTEST_FONT, height / terminal.rows / LETTER.height));
  terminal.options.fontSize = Math.max(SMALLEST_FONT, Math.min(LARGEST_FONT, Math.floor(fitting * 2) / 2));
}
