/** The terminal of an agent that has ended: all that it wrote, played at once, without answers to what it asked then. */
import "@xterm/xterm/css/xterm.css";

import { useEffect, useRef, useState } from "react";

import { ask, Problem } from "../api/client";
import { logAddress, type LogOf } from "../log/source";
import { onTheme, shownTheme } from "../shell/theme";
import { COLOURS } from "./colours";
import { makeInert } from "./inert";
import { fitFont, makeReachable, newTerminal } from "./view";

export function EndedTerminal({ of, label }: { of: LogOf; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState("");
  const url = logAddress(of, { raw: true });
  useEffect(() => {
    const terminal = newTerminal();
    const ending = new AbortController();
    terminal.open(place.current!);
    makeReachable(place.current!);
    makeInert(terminal, () => false);
    terminal.attachCustomKeyEventHandler(() => false);
    const observer = new ResizeObserver(() => fitFont(terminal, place.current!));
    observer.observe(place.current!);
    const offTheme = onTheme(() => (terminal.options.theme = COLOURS[shownTheme()]));
    const play = async () => {
      const reader = (await ask(url, { signal: ending.signal })).body!.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return terminal.write("\x1b[?25l");
        await new Promise<void>((resolve) => terminal.write(value, resolve)); // a log of gigabytes is not held in the page
      }
    };
    play().catch((fault: unknown) => {
      if (!ending.signal.aborted) setProblem(fault instanceof Problem ? fault.message : String(fault));
    });
    return () => {
      ending.abort();
      observer.disconnect();
      offTheme();
      terminal.dispose();
    };
  }, [url]);
  return (
    <div className="term">
      <div className="terminal-bar">
        <span className="link-state is-ended">
          <span className="dot" />
          ended
        </span>
        <span className="terminal-holder">{problem || "As it was at its end; scroll for what was before"}</span>
      </div>
      <div ref={place} className="terminal-screen" aria-label={label} role="group" />
    </div>
  );
}
