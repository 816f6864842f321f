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
});

test("its end is told where it is seen", async () => {
  await page.getByRole("navigation", { name: "Way here" }).getByRole("link", { name: /^ask #/ }).click();
  await page.getByRole("link", { name: /^then .*, succeeded/ }).waitFor();
});

test("the page made no mistakes", () => assert.deepEqual(mistakes, []));
