/** What is around every screen: the rail, whether the page is live, the palette, the list of keys. */
import { useEffect, useMemo, useState, type ReactNode } from "react";

import { useLink } from "../api/live";
import { useGet } from "../api/use";
import { IconButton } from "../parts/button";
import { Icon, Logo } from "../parts/icon";
import { useNow } from "../parts/time";
import { distance } from "../parts/times";
import { go, Link, usePlace } from "../router";
import { useKeys, type Keys } from "./keys";
import { KeyList } from "./key-list";
import { Palette } from "./palette";
import { DESTINATIONS, destinationOf } from "./places";
import { ThemeSwitch } from "./theme-switch";

export function Shell({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<"" | "palette" | "keys" | "menu">("");
  const { path } = usePlace();
  useEffect(() => setOpen((now) => (now === "menu" ? "" : now)), [path]);
  const keys = useMemo<Keys>(
    () => ({
      "?": () => setOpen("keys"),
      "/": () => setOpen("palette"),
      ...Object.fromEntries(DESTINATIONS.map(({ key, to }) => [`g ${key}`, () => go(to)])),
    }),
    [],
  );
  useKeys(keys);
  useEffect(() => {
    const summon = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      if (event.target instanceof Element && event.target.closest(".term.typing")) return;
      event.preventDefault();
      setOpen((now) => (now === "palette" ? "" : "palette"));
    };
    addEventListener("keydown", summon);
    return () => removeEventListener("keydown", summon);
  }, []);
  const close = () => setOpen("");
  return (
    <div className={`shell ${open === "menu" ? "menu-open" : ""}`}>
      <a className="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById("main")?.focus())}>
        Skip to the content
      </a>
      <TopBar onMenu={() => setOpen((now) => (now === "menu" ? "" : "menu"))} isOpen={open === "menu"} onSearch={() => setOpen("palette")} />
      <Rail path={path} onSearch={() => setOpen("palette")} onKeys={() => setOpen("keys")} />
      {open === "menu" && <div className="scrim" onClick={close} />}
      <div className="content">
        <LinkBanner />
        {children}
      </div>
      {open === "palette" && <Palette onClose={close} />}
      {open === "keys" && <KeyList onClose={close} />}
    </div>
  );
}

function TopBar({ onMenu, isOpen, onSearch }: { onMenu: () => void; isOpen: boolean; onSearch: () => void }) {
  return (
    <header className="top-bar">
      <IconButton icon={isOpen ? "close" : "menu"} label="Menu" aria-expanded={isOpen} onClick={onMenu} />
      <Link to="/" className="brand">
        <Logo size={20} />
        Chainwright
      </Link>
      <span className="grow" />
      <IconButton icon="search" label="Search and commands" onClick={onSearch} />
    </header>
  );
}

function Rail({ path, onSearch, onKeys }: { path: string; onSearch: () => void; onKeys: () => void }) {
  const current = destinationOf(path);
  const waiting = useGet("/api/v1/inbox").data?.items.length ?? 0;
  return (
    <aside className="rail" aria-label="Chainwright">
      <Link to="/" className="brand">
        <Logo />
        Chainwright
      </Link>
      <button type="button" className="rail-search" onClick={onSearch}>
        <Icon name="search" size={14} />
        Search
        <kbd>{isMac ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <nav aria-label="Screens">
        {DESTINATIONS.map(({ to, text, icon }) => (
          <Link key={to} to={to} aria-current={to === current ? "page" : undefined}>
            <Icon name={icon} />
            {text}
            {to === "/inbox" && waiting > 0 && (
              <span className="count calls">
                {waiting}
                <span className="unseen"> waiting for you</span>
              </span>
            )}
          </Link>
        ))}
      </nav>
      <div className="rail-foot">
        <LinkState />
        <div className="rail-tools">
          <ThemeSwitch />
          <button type="button" className="icon-button" aria-label="Keys" title="Keys (?)" onClick={onKeys}>
            <Icon name="keyboard" />
          </button>
        </div>
      </div>
    </aside>
  );
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

const LINK_WORDS = { connecting: "Connecting", live: "Live", away: "Reconnecting", asleep: "Paused" };

function LinkState() {
  const { link } = useLink();
  return (
    <span className={`link-state is-${link}`} role="status">
      <span className="dot" />
      {LINK_WORDS[link]}
    </span>
  );
}

/** That what is shown may be old, and since when; the page goes on trying by itself. */
function LinkBanner() {
  const { link, brokenAt } = useLink();
  const now = useNow();
  if (link !== "away" || !brokenAt) return null;
  return (
    <div className="banner" role="status">
      <Icon name="retry" size={14} />
      <span>
        The daemon does not answer since {distance(brokenAt / 1000, now)}. You see what was last known; agents go on without it. Trying again…
      </span>
    </div>
  );
}
