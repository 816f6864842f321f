/** Go anywhere and do anything by typing: screens, chains, recent runs, commands. */
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";

import { useGet } from "../api/use";
import { Icon, type IconName } from "../parts/icon";
import { runName } from "../parts/run-facts";
import { StateIcon } from "../parts/state";
import { standing, type Standing } from "../parts/standing";
import { escaped, go } from "../router";
import { DESTINATIONS } from "./places";
import { ranked } from "./ranking";
import { chooseTheme, shownTheme } from "./theme";

interface Entry {
  id: string;
  text: string;
  kind: string;
  icon?: IconName;
  is?: Standing;
  act: () => void;
}

const MOST = 12;

export function Palette({ onClose }: { onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useId();
  const entries = useEntries();
  const shown = useMemo(() => ranked(entries, (entry) => `${entry.text} ${entry.kind}`, typed, MOST), [entries, typed]);
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.act();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) setChosen((now) => (now + by + shown.length) % Math.max(1, shown.length));
    else if (event.key === "Enter") run(shown[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Search and commands"
      onCancel={(event) => (event.preventDefault(), onClose())}
      onClick={(event) => event.target === dialog.current && onClose()}
      onKeyDown={onKeyDown}
    >
      <div className="palette-box">
        <label className="palette-input">
          <Icon name="search" />
          <span className="unseen">Search</span>
          <input
            autoFocus
            role="combobox"
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={shown[chosen] ? `${list}-${chosen}` : undefined}
            placeholder="Go to a chain, a run, a screen; or do something"
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setChosen(0);
            }}
          />
          <kbd>Esc</kbd>
        </label>
        <ul id={list} role="listbox" aria-label="Results">
          {shown.map((entry, index) => (
            <li
              key={entry.id}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === chosen}
              onPointerMove={() => setChosen(index)}
              onClick={() => run(entry)}
            >
              {entry.is ? <StateIcon is={entry.is} /> : <Icon name={entry.icon ?? "chevron"} />}
              <span className="clip">{entry.text}</span>
              <span className="faint">{entry.kind}</span>
            </li>
          ))}
        </ul>
        {shown.length === 0 && <p className="faint pad">Nothing fits “{typed}”.</p>}
      </div>
    </dialog>
  );
}

function useEntries(): Entry[] {
  const chains = useGet("/api/v1/chains").data?.items;
  const runs = useGet("/api/v1/runs", { query: { limit: 50 } }).data?.items;
  return useMemo(
    () => [
      ...DESTINATIONS.map(({ to, text, icon }) => ({ id: to, text, kind: "screen", icon, act: () => go(to) })),
      ...(chains ?? []).flatMap((chain) => [
        { id: `chain ${chain.id}`, text: chain.id, kind: "chain", icon: "chains" as const, act: () => go(`/chains/${escaped(chain.id)}`) },
        {
          id: `start ${chain.id}`,
          text: `Run ${chain.id}`,
          kind: "command",
          icon: "play" as const,
          act: () => go(`/chains/${escaped(chain.id)}?start=1`),
        },
      ]),
      ...(runs ?? []).map((run) => ({
        id: run.id,
        text: runName(run),
        kind: `run ${run.id.slice(0, 8)}`,
        is: standing(run),
        act: () => go(`/runs/${run.id}`),
      })),
      {
        id: "theme",
        text: `Change to the ${shownTheme() === "dark" ? "light" : "dark"} theme`,
        kind: "command",
        icon: "auto" as const,
        act: () => chooseTheme(shownTheme() === "dark" ? "light" : "dark"),
      },
    ],
    [chains, runs],
  );
}
