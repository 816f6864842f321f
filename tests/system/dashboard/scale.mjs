// Many runs, and chains of many agents.
import assert from "node:assert/strict";
import { test } from "node:test";

import { base, mistakes, order, signedIn } from "./stage.mjs";

const page = await signedIn();

test("a thousand runs are listed, as far as somebody scrolls", async () => {
  await order("many", 1000);
  await page.goto(`${base}/runs`);
  await page.getByRole("row", { name: /idle #1000/ }).waitFor();
  const first = page.getByRole("row", { name: /idle #1 / });
  const rows = page.locator(".runs tbody tr");
  while ((await first.count()) === 0) {
    const next = rows.nth(await rows.count());
    await page.mouse.wheel(0, 20_000);
    await next.waitFor({ state: "attached" });
  }
  assert.equal(await page.locator(".runs tbody tr").count(), 1000);
});

test("they are found by what was typed, and by state", async () => {
  await page.goto(`${base}/runs`);
  await page.getByPlaceholder("Chain or run id").fill("wide");
  await page.getByText("No run fits").waitFor();
  await page.goto(`${base}/runs?outcome=failed`);
  await page.getByText("No run fits").waitFor();
});

test("200 agents are drawn, none on another, and all of them are in sight at first", async () => {
  await page.goto(`${base}/chains/wide`);
  const nodes = page.locator(".node");
  await nodes.nth(199).waitFor();
  const boxes = await page.locator(".node .box").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
  const frame = await page.locator(".graph-frame").boundingBox();
  const isInside = (box) => box.x >= frame.x && box.right <= frame.x + frame.width && box.bottom <= frame.y + frame.height + 1;
  assert.equal(boxes.length, 200);
  assert.equal(boxes.filter((box) => !isInside(box)).length, 0);
});

test("coming nearer shows their names", async () => {
  assert.equal(await page.locator(".node-name").count(), 0);
  for (let step = 0; step < 8; step += 1) await page.getByRole("button", { name: "Larger" }).click();
  await page.locator(".node-name").first().waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.locator(".node-name").first().waitFor({ state: "detached" });
});

test("in a log of 450,000 lines each line is reached: by a link, by search, by scrolling", async () => {
  const run = await order("run", { chain: "long" });
  await order("end", run);
  const line = (number) => page.locator(`#L${number}`).getByText(`line ${number} of many`);
  await page.goto(`${base}/runs/${run}/agents/long?view=log#L321000`);
  await line(321_000).waitFor();
  await page.getByText("450,000 lines").waitFor();
  await page.getByPlaceholder("Search").fill("LINE 449999 of");
  await page.getByText("1 of 1", { exact: true }).waitFor();
  await line(449_999).waitFor();
  await page.getByRole("region", { name: "Log of long" }).evaluate((frame) => (frame.scrollTop = 0));
  await line(1).waitFor();
  await page.getByRole("region", { name: "Log of long" }).evaluate((frame) => (frame.scrollTop = frame.scrollHeight));
  await line(450_000).waitFor();
  assert.ok((await page.locator(".log-lines li").count()) < 200);
});

test("the page made no mistakes", () => assert.deepEqual(mistakes, []));
