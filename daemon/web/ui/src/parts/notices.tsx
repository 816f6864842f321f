/** Short messages in the corner: what was done, and what was refused. Read out by screen readers; refusals stay until dismissed. */
import { useSyncExternalStore } from "react";

import { Problem } from "../api/client";
import { IconButton } from "./button";

interface Notice {
  id: number;
  kind: "done" | "problem";
  title: string;
  detail: string;
}

const SHOWN_MS = 5_000;
let notices: readonly Notice[] = [];
let last = 0;
const readers = new Set<() => void>();

function become(next: readonly Notice[]): void {
  notices = next;
  readers.forEach((reader) => reader());
}

function dismiss(id: number): void {
  become(notices.filter((notice) => notice.id !== id));
}

function add(kind: Notice["kind"], title: string, detail: string): void {
  const id = ++last;
  become([...notices.slice(-3), { id, kind, title, detail }]);
  if (kind === "done") setTimeout(() => dismiss(id), SHOWN_MS);
}

export const say = (title: string, detail = "") => add("done", title, detail);

export function sayProblem(fault: unknown): void {
  if (fault instanceof Problem) add("problem", fault.title, fault.detail);
  else add("problem", "something went wrong", String(fault));
}

export function Notices() {
  const shown = useSyncExternalStore(
    (reader) => {
      readers.add(reader);
      return () => readers.delete(reader);
    },
    () => notices,
  );
  return (
    <div className="notices" role="status" aria-live="polite">
      {shown.map((notice) => (
        <div key={notice.id} className={`notice ${notice.kind}`}>
          <div>
            <strong>{notice.title}</strong>
            {notice.detail && <p>{notice.detail}</p>}
          </div>
          <IconButton icon="close" label="Dismiss" onClick={() => dismiss(notice.id)} />
        </div>
      ))}
    </div>
  );
}
