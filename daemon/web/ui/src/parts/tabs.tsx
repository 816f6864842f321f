/** Parts of a screen, one at a time; which one is part of the address. Tabs as links, so that each can be opened elsewhere. */
import { Link } from "../router";

export interface Tab {
  id: string;
  text: string;
  to: string;
  count?: number;
}

export function Tabs({ tabs, current, label }: { tabs: Tab[]; current: string; label: string }) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.id} to={tab.to} aria-current={tab.id === current ? "page" : undefined}>
          {tab.text}
          {tab.count !== undefined && tab.count > 0 && <span className="count">{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
