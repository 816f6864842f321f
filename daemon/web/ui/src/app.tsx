/** The table of screens: an address, and what is shown there. */
import { lazy, Suspense, useEffect, type ComponentType } from "react";

import { onSignedOut } from "./api/client";
import { beginLive } from "./api/live";
import { Loading } from "./parts/shown";
import { Notices } from "./parts/notices";
import { matched, usePlace, type Params } from "./router";
import { Boundary } from "./shell/boundary";
import { Shell } from "./shell/shell";
import { Home } from "./screens/home";
import { Runs } from "./screens/runs";
import { NotFound } from "./screens/not-found";

type Screen = ComponentType<{ params: Params }>;

const Agent = lazy(() => import("./screens/agent"));
const Chain = lazy(() => import("./screens/chain"));
const Chains = lazy(() => import("./screens/chains"));
const Change = lazy(() => import("./screens/change"));
const Changes = lazy(() => import("./screens/changes"));
const Deliveries = lazy(() => import("./screens/deliveries"));
const Deployments = lazy(() => import("./screens/deployments"));
const Events = lazy(() => import("./screens/events"));
const Hosts = lazy(() => import("./screens/hosts"));
const Inbox = lazy(() => import("./screens/inbox"));
const Run = lazy(() => import("./screens/run"));
const Schedules = lazy(() => import("./screens/schedules"));
const Settings = lazy(() => import("./screens/settings"));

export const SCREENS: [string, Screen][] = [
  ["/", Home],
  ["/inbox", Inbox],
  ["/runs", Runs],
  ["/runs/:run/agents/:agent", Agent],
  ["/runs/:run", Run],
  ["/runs/:run/:tab", Run],
  ["/chains", Chains],
  ["/chains/*chain", Chain],
  ["/schedules", Schedules],
  ["/events", Events],
  ["/deliveries", Deliveries],
  ["/deployments", Deployments],
  ["/changes", Changes],
  ["/changes/:change", Change],
  ["/hosts", Hosts],
  ["/settings", Settings],
];

export function screenAt(path: string): { Screen: Screen; params: Params } {
  for (const [pattern, Screen] of SCREENS) {
    const params = matched(pattern, path);
    if (params) return { Screen, params };
  }
  return { Screen: NotFound, params: {} };
}

export function App() {
  const { path } = usePlace();
  const { Screen, params } = screenAt(path);
  useEffect(beginLive, []);
  useEffect(() => onSignedOut(toSignIn), []);
  return (
    <Shell>
      <Boundary key={path}>
        <Suspense
          fallback={
            <main className="page">
              <Loading />
            </main>
          }
        >
          <Screen params={params} />
        </Suspense>
      </Boundary>
      <Notices />
    </Shell>
  );
}

/** The daemon has a page for signing in, which also works without a build of this dashboard. */
function toSignIn(): void {
  const next = location.pathname + location.search + location.hash;
  location.assign(`/sign-in?next=${encodeURIComponent(next)}`);
}

