/** What a screen shows instead of its content: that it loads, that there is nothing, that it may not be seen, that it cannot be had. */
import type { ReactNode } from "react";

import type { Resource } from "../api/cache";
import { Icon, type IconName } from "./icon";
import { Button } from "./button";

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <Icon name={icon} size={28} />
      <h2>{title}</h2>
      {children && <div className="empty-text">{children}</div>}
    </div>
  );
}

export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div className="loading" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="bone" style={{ width: `${92 - ((row * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

const SAID: Record<number, { icon: IconName; title: string }> = {
  403: { icon: "person", title: "You may not see this" },
  404: { icon: "search", title: "There is no such thing here" },
};

/** The content once it is known; whatever is in its place before, and when it cannot be had. */
export function Shown<T>({ of, children, rows }: { of: Resource<T>; children: (data: T) => ReactNode; rows?: number }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (!of.problem) return <Loading rows={rows ?? 6} />;
  const { icon, title } = SAID[of.problem.status] ?? { icon: "bell" as const, title: of.problem.title };
  return (
    <Empty icon={icon} title={title}>
      <p>{of.problem.detail || of.problem.title}</p>
      <Button icon="retry" onClick={of.refresh}>
        Try again
      </Button>
    </Empty>
  );
}
