/** Parts of a screen, one at a time; which one is part of the address. Tabs as links, so that each can be opened elsewhere. */
import { useEffect, useRef } from "react";

import { Link } from "../router";

export interface Tab {
  id: string;
  text: string;
  to: string;
  count?: number;
}

export function Tabs({ tabs, current, label }: { tabs: Tab[]; current: string; label: string }) {
  const strip = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = strip.current!;
    const shown = element.querySelector<HTMLElement>("[aria-current]");
    if (shown) element.scrollLeft = shown.offsetLeft - (element.clientWidth - shown.offsetWidth) / 2; // where not all of them fit
  }, [current]);
  return (
    <nav ref={strip} className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.id} to={tab.to} aria-current={tab.id === current ? "page" : undefined}>
          {tab.text}
          {tab.count !== undefined && tab.count > 0 && <span className="count">{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
