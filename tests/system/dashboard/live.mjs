// The list, the run and its terminal are live.
import assert from "node:assert/strict";
import { test } from "node:test";

import { base, mistakes, order, signedIn } from "./stage.mjs";

const page = await signedIn();

test("a run appears in the list, and its state changes, without a reload", async () => {
  await page.goto(`${base}/runs`);
  await page.getByText("No run yet").waitFor();
  const run = await order("run", { chain: "pair" });
  await page.locator(`#run-${run}`).getByText("succeeded").waitFor();
});

test("the graph of a run goes with it", async () => {
  const run = await order("run", { chain: "ask" });
  await page.goto(`${base}/runs/${run}`);
  await page.getByRole("link", { name: /^ask .*, running/ }).waitFor();
  assert.equal(await page.getByRole("link", { name: /^then .*, not started, after ask/ }).count(), 1);
  await page.getByRole("link", { name: /^ask .*, running/ }).press("Enter");
  await page.getByText("Watching").waitFor();
});

let log;

test("the log of an agent at work has the time beside each line", async () => {
  log = await page.context().newPage();
  await log.goto(`${base}${new URL(page.url()).pathname}?view=log`);
  await log.getByText("name?").waitFor();
  await log.locator("#L1 time").getByText(/^\d\d:\d\d:\d\d$/).waitFor();
  await log.getByRole("button", { name: "Following" }).waitFor();
});

test("a terminal shows what is written, takes the keyboard over for all to see, and types", async () => {
  await page.getByText("name?").waitFor();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByText("name?").waitFor();
  await page.getByRole("button", { name: "Take over" }).click();
  await page.getByText("You are typing").waitFor();
  await other.getByText(/^\S+ is typing$/).waitFor();
  await other.close();
  await page.bringToFront(); // a page in the background has no focus to type with
  await page.locator(".xterm-helper-textarea").focus();
  await page.keyboard.type("Ada\n");
  await page.getByText("hello Ada").waitFor();
  await page.getByText(/^ended$/).waitFor();
  await log.getByText("hello Ada").waitFor(); // while it was not looked at
  await log.close();
});

test("its end is told where it is seen", async () => {
  await page.getByRole("navigation", { name: "Way here" }).getByRole("link", { name: /^ask #/ }).click();
  await page.getByRole("link", { name: /^then .*, succeeded/ }).waitFor();
});

test("an agent is interrupted, and killed after a question; its activity tells how it ended", async () => {
  const run = await order("run", { chain: "stuck" });
  await page.goto(`${base}/runs/${run}/agents/stuck`);
  await page.getByText("ready").waitFor();
  await page.getByRole("button", { name: "Interrupt" }).click();
  await page.getByText("heard").waitFor();
  await page.getByRole("link", { name: "Activity" }).click();
  await page.getByText(/^it started on local/).waitFor();
  await page.getByRole("button", { name: "Kill" }).click();
  await page.getByRole("button", { name: "Kill it" }).click();
  await page.getByText("it was ended by signal 9").waitFor();
  await page.locator("h1").getByText("failed").waitFor();
});

test("the page made no mistakes", () => assert.deepEqual(mistakes, []));
