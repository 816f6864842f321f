/** Addresses: every screen has a path of its own, and links are real links. History is the browser's; nothing else is kept here. */
import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent, type ReactNode } from "react";

const MOVED = "chainwright:moved";

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  addEventListener(MOVED, listener);
  return () => {
    removeEventListener("popstate", listener);
    removeEventListener(MOVED, listener);
  };
}

const href = () => location.pathname + location.search + location.hash;

/** Go to an address of the dashboard. */
export function go(to: string, { replace = false }: { replace?: boolean } = {}): void {
  if (to === href()) return;
  const leaves = new URL(to, location.href).pathname !== location.pathname;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  if (leaves && !replace) scrollTo(0, 0);
  dispatchEvent(new Event(MOVED));
}

export interface Place {
  path: string;
  query: URLSearchParams;
  hash: string;
}

export function usePlace(): Place {
  useSyncExternalStore(subscribe, href);
  return { path: location.pathname, query: new URLSearchParams(location.search), hash: location.hash.slice(1) };
}

/** The address of the page that is shown, with other values in its query; null takes one out. */
export function withQuery(changes: Record<string, string | null>): string {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return location.pathname + (text ? `?${text}` : "") + location.hash;
}

export type Params = Record<string, string>;

/** The parts of `path` that fit `pattern`, as in `/runs/:run/agents/:agent`; `*name` takes the rest. Null when it does not fit. */
export function matched(pattern: string, path: string): Params | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  const params: Params = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith("*")) {
      params[part.slice(1)] = given.slice(index).map(decoded).join("/");
      return given.length > index ? params : null;
    }
    const value = given[index];
    if (value === undefined) return null;
    if (part.startsWith(":")) params[part.slice(1)] = decoded(value);
    else if (part !== value) return null;
  }
  return given.length === wanted.length ? params : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A path with its slashes kept and everything else escaped. */
export const escaped = (id: string) => id.split("/").map(encodeURIComponent).join("/");

export interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: string;
  children?: ReactNode;
}

export function Link({ to, onClick, children, ...rest }: LinkProps) {
  return (
    <a
      href={to}
      onClick={(event) => {
        onClick?.(event);
        if (!event.defaultPrevented && isPlain(event)) {
          event.preventDefault();
          go(to);
        }
      }}
      {...rest}
    >
      {children}
    </a>
  );
}

/** Whether a click means "go there", and not "open it elsewhere". */
export function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}
