/** Keys of the page: single ones and pairs (`g r`), not while somebody writes, and not with Ctrl, Alt or Cmd. */
import { useEffect } from "react";

export type Keys = Record<string, () => void>;

const PAIR_MS = 1_200;
const bound: Keys[] = [];
let first = "";
let firstAt = 0;

function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable], .terminal-screen, dialog[open]") !== null;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  const pair = first && event.timeStamp - firstAt < PAIR_MS ? `${first} ${event.key}` : "";
  for (const keys of [...bound].reverse()) {
    const act = (pair && keys[pair]) || keys[event.key];
    if (!act) continue;
    event.preventDefault();
    first = "";
    act();
    return;
  }
  first = event.key;
  firstAt = event.timeStamp;
}

/** Bind keys while the component is there; those of the innermost win. */
export function useKeys(keys: Keys): void {
  useEffect(() => {
    if (bound.length === 0) addEventListener("keydown", onKeyDown);
    bound.push(keys);
    return () => {
      bound.splice(bound.indexOf(keys), 1);
      if (bound.length === 0) removeEventListener("keydown", onKeyDown);
    };
  }, [keys]);
}
