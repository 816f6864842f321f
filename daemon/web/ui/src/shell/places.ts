/** Where one can go from everywhere: the rail at the side, the palette, and the keys after `g`. */
import type { IconName } from "../parts/icon";

export interface Destination {
  to: string;
  text: string;
  icon: IconName;
  /** Pressed after `g`. */
  key: string;
}

export const DESTINATIONS: Destination[] = [
  { to: "/", text: "Home", icon: "home", key: "h" },
  { to: "/inbox", text: "Inbox", icon: "inbox", key: "i" },
  { to: "/runs", text: "Runs", icon: "runs", key: "r" },
  { to: "/chains", text: "Chains", icon: "chains", key: "c" },
  { to: "/schedules", text: "Schedules", icon: "schedules", key: "s" },
  { to: "/events", text: "Events", icon: "events", key: "e" },
  { to: "/deliveries", text: "Deliveries", icon: "deliveries", key: "l" },
  { to: "/deployments", text: "Deployments", icon: "deployments", key: "d" },
  { to: "/changes", text: "Changes", icon: "changes", key: "m" },
  { to: "/hosts", text: "Hosts", icon: "hosts", key: "o" },
  { to: "/settings", text: "Settings", icon: "settings", key: "t" },
];

/** Which destination a path belongs to. */
export function destinationOf(path: string): string {
  return DESTINATIONS.find(({ to }) => to !== "/" && (path === to || path.startsWith(`${to}/`)))?.to ?? (path === "/" ? "/" : "");
}
