// What stands in the place of content: that it loads, that it may not be seen, that it cannot be had, that nobody is signed in. The
// daemon's answers are taken the place of on their way, for a daemon has no way to be asked for them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { base, mistakes, signedIn } from "./stage.mjs";

const page = await signedIn();
/** Address of a screen and the path that it asks for its content. */
const SCREENS = {
  "/inbox": "inbox",
  "/runs": "runs",
  "/runs/nonesuch": "runs/nonesuch",
  "/chains": "chains",
  "/chains/brief": "chains/brief",
  "/schedules": "schedules",
  "/events": "events",
  "/deliveries": "deliveries",
  "/deployments": "deployments",
  "/changes": "changes",
  "/changes/1": "changes/1",
  "/hosts": "hosts",
  "/settings": "doctor",
};
const problem = (status, code, title, detail) => ({ status, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", status, code, title, detail }) });
const asked = (path) => (url) => url.pathname === `/api/v1/${path}`;

test("what may not be seen is said, on every screen", async () => {
  for (const [screen, path] of Object.entries(SCREENS)) {
    await page.route(asked(path), (route) => route.fulfill(problem(403, "denied", "ada may not do this", "view on it")));
    await page.goto(base + screen);
    await page.getByText("You may not see this").first().waitFor();
    await page.unroute(asked(path));
    await page.unrouteAll();
  }
});

test("while it loads that is said; when it cannot be had the reason is, and it can be tried again", async () => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(asked("hosts"), async (route) => {
    await held;
    await route.fulfill(problem(500, "internal", "the daemon made a mistake", "look at its log"));
  });
  await page.goto(`${base}/hosts`);
  await page.getByRole("status", { name: "Loading" }).waitFor();
  release();
  await page.getByText("look at its log").waitFor();
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("article", { name: "local" }).waitFor();
});

test("an answer that nobody can read is no empty screen", async () => {
  await page.route(asked("hosts"), (route) => route.fulfill({ status: 200, body: "<html>" }));
  await page.goto(`${base}/hosts`);
  await page.getByText("the answer cannot be read").first().waitFor();
  await page.unrouteAll();
});

test("an action that is refused says why, and changes nothing on the page", async () => {
  await page.goto(`${base}/hosts`);
  await page.route("**/hosts/local/drain", (route) => route.fulfill(problem(403, "denied", "ada may not do this", "administer on host:local")));
  await page.getByRole("article", { name: "local" }).getByRole("button", { name: "Drain" }).click();
  await page.getByRole("status").getByText("administer on host:local").waitFor();
  await page.getByRole("article", { name: "local" }).getByText("connected").waitFor();
  await page.unrouteAll();
});

test("who is signed out elsewhere comes to the door, and back to where they were", async () => {
  const other = await page.context().newPage();
  await other.goto(`${base}/settings`);
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.waitForURL(/\/sign-in/);
  await page.reload();
  await page.waitForURL(/\/sign-in\?next=%2Fhosts/);
});

test("the page made no mistakes", () => assert.deepEqual(mistakes, []));
