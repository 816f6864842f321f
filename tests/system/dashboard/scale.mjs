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

test("the page made no mistakes", () => assert.deepEqual(mistakes, []));
