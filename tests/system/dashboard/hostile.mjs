// What chains are called and what agents write is text, and does nothing.
import assert from "node:assert/strict";
import { test } from "node:test";

import { base, mistakes, order, signedIn } from "./stage.mjs";

const MARKUP = `<img src=x onerror="document.title='owned'">`;
const page = await signedIn();
let hasAsked = false;
page.on("dialog", (dialog) => ((hasAsked = true), dialog.dismiss()));

test("a chain named with markup shows as text: in lists, headings, graphs and titles", async () => {
  for (const address of ["/chains", "/chains/marked"]) {
    await page.goto(base + address);
    await page.getByText(MARKUP).first().waitFor();
    assert.equal(await page.locator("img").count(), 0);
  }
  assert.match(await page.title(), /^marked/);
});

test("what agents say and write shows as text: in events, journals and logs", async () => {
  const run = await order("run", { chain: "marked" });
  await order("end", run);
  await page.goto(`${base}/events`);
  await page.getByText("boast").click();
  await page.getByText("alert(1)").waitFor();
  await page.goto(`${base}/runs/${run}/agents/only?view=log`);
  await page.getByText("<img src=x onerror=alert(2)>").waitFor();
  assert.equal(await page.locator("img").count(), 0);
  assert.equal(hasAsked, false);
});

test("what a terminal is asked by its agent is not answered by whoever watches, nor for what was written before", async () => {
  const run = await order("run", { chain: "asks" });
  await page.goto(`${base}/runs/${run}/agents/asks`);
  await page.getByText("asked").waitFor();
  await page.getByRole("button", { name: "Take over" }).click();
  await page.getByText("You are typing").waitFor();
  await page.getByText("Others watch").waitFor();
  await page.waitForFunction(() => document.querySelector(".xterm-rows").innerText.includes("asked"));
  await page.keyboard.type("typed\n");
  await page.getByText("heard").waitFor();
  const log = await order("log", { run, agent: "asks" });
  assert.match(log, /^heard: 74 79 70 65 64\s*$/m);
});

test("titles, the clipboard and links to scripts are inert", async () => {
  assert.match(await page.title(), /Chainwright$/);
  assert.equal(hasAsked, false);
  const clipboard = await page.evaluate(() => navigator.clipboard.readText().catch(() => ""));
  assert.equal(clipboard.includes("stolen"), false);
  const link = await page.getByText("press me").boundingBox();
  await page.mouse.click(link.x + link.width / 2, link.y + link.height / 2);
  assert.match(page.url(), /^http:\/\/127/);
  assert.equal(page.context().pages().length, 1);
});

test("the page made no mistakes", () => assert.deepEqual(mistakes, []));
