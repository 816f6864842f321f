// The daemon dies and comes back while the page is open: the page says so, recovers by itself, and misses nothing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { base, mistakes, order, signedIn } from "./stage.mjs";

const page = await signedIn();
const list = await page.context().newPage();
const terminal = await page.context().newPage();
const lines = (where) => where.locator(".xterm-rows").innerText();
const run = await order("run", { chain: "count" });

test("while the daemon is dead the page keeps what it knows, and says that it is old", async () => {
  await list.goto(`${base}/runs`);
  await list.getByRole("row", { name: /count #1/ }).getByText("running").waitFor();
  await terminal.goto(`${base}/runs/${run}/agents/count`);
  await terminal.getByText("line 2").waitFor();
  await page.goto(`${base}/runs/${run}`);
  await page.getByRole("link", { name: /^count .*, running/ }).waitFor();
  await order("kill");
  for (const one of [page, list]) await one.getByText("The daemon does not answer").waitFor();
  await terminal.getByText("reconnecting").first().waitFor();
  await page.getByRole("link", { name: /^count .*, running/ }).waitFor();
  await order("go");
});

test("when it is back everything that happened meanwhile is there, without a reload", async () => {
  await order("start");
  await page.getByRole("link", { name: /^count .*, succeeded/ }).waitFor({ timeout: 30_000 });
  await page.getByRole("link", { name: /^after .*, succeeded/ }).waitFor();
  await page.getByText("The daemon does not answer").waitFor({ state: "detached" });
  await list.getByRole("row", { name: /count #1/ }).getByText("succeeded").waitFor();
});

test("the terminal goes on where it was: no line is lost or doubled", async () => {
  await terminal.getByText("the last line").waitFor();
  const shown = (await lines(terminal)).split("\n").map((line) => line.trim()).filter(Boolean);
  assert.deepEqual(shown, ["line 1", "line 2", "line 3", "line 4", "the last line"]);
});

test("the journal has been told whole, entry by entry", async () => {
  await page.getByRole("link", { name: "Journal", exact: true }).click();
  const rows = page.locator(".journal tbody tr td:first-child");
  await rows.nth(15).waitFor();
  const numbers = await rows.allInnerTexts();
  assert.deepEqual(numbers.map(Number), numbers.map((_, index) => index + 1));
});

test("the page made no mistakes", () => assert.deepEqual(mistakes, []));
