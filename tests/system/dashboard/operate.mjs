// What operators do, by the page alone: deploy by a push, merge a change, try a webhook, decide anew, drain a host, pause a schedule.
import assert from "node:assert/strict";
import { test } from "node:test";

import { base, mistakes, order, signedIn } from "./stage.mjs";

const page = await signedIn();
const button = (name) => page.getByRole("button", { name, exact: true });

test("what is pushed is deployed, and seen on the page that is open", async () => {
  await page.goto(`${base}/chains`);
  await page.getByRole("link", { name: "hooked", exact: true }).waitFor();
  await order("push");
  await page.getByRole("link", { name: "proven", exact: true }).waitFor();
});

test("a webhook's request can be pasted, whatever proves it", async () => {
  await page.goto(`${base}/chains/proven?view=triggers`);
  for (const scheme of await order("schemes")) {
    const place = page.getByRole("region", { name: `Webhook ${scheme}` });
    const script = await place.locator("pre").innerText();
    const secret = (await place.getByText("With").innerText()).match(/set to (\w+)/)[1];
    assert.match(await order("shell", { script, secret }), /"fate": ?"accepted"/, script);
  }
});

test("a delivery is shown with what was sent, and decided anew", async () => {
  await page.goto(`${base}/deliveries?fate=filtered`);
  await button("built").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("acme/site").waitFor();
  await dialog.getByRole("button", { name: "Decide anew" }).click();
  await page.getByText("Decided anew: filtered").waitFor();
});

test("a change is merged, and what it brought is in force", async () => {
  await page.goto(`${base}/changes/1`);
  await page.getByText("max-turns: 3").waitFor();
  await button("Merge").click();
  await page.locator("h1").getByText("merged").waitFor();
  await page.goto(`${base}/chains/brief?view=versions`);
  const merged = page.getByRole("row", { name: /A draft is written twice at most/ });
  await merged.waitFor();
  await page.getByText("in force").waitFor();
});

test("an earlier version is read, with what has changed since, and can be run", async () => {
  await page.getByRole("link", { name: "Change", exact: true }).last().click();
  await page.getByText("From there to what is in force").waitFor();
  await page.locator(".patch-less").getByText("max-turns: 3").waitFor();
  await page.locator(".patch-more").getByText("max-turns: 2").waitFor();
  await page.goto(`${base}/chains/brief?view=versions`);
  await page.getByRole("button", { name: /^Run at / }).last().click();
  await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForURL(/\/runs\//);
});

test("a host is drained, and takes sessions again", async () => {
  await page.goto(`${base}/hosts`);
  const local = page.getByRole("article", { name: "local" });
  await local.getByRole("button", { name: "Drain" }).click();
  await local.getByText("drained").waitFor();
  await local.getByRole("button", { name: "Resume" }).click();
  await local.getByText("connected").waitFor();
});

test("schedules are paused and resumed, and the calendar says so", async () => {
  await page.goto(`${base}/schedules`);
  const row = page.getByRole("row", { name: /hooked/ });
  await row.getByRole("button", { name: /Pause/ }).click();
  await row.getByRole("button", { name: /Resume/ }).click();
  await row.getByRole("button", { name: /Pause/ }).waitFor();
});

test("the page made no mistakes", () => assert.deepEqual(mistakes, []));
