// What people do with chains, by the page alone: deploy, start, approve, cancel, do again, roll back.
import assert from "node:assert/strict";
import { test } from "node:test";

import { base, mistakes, order, path, signedIn } from "./stage.mjs";

const page = await signedIn();
const button = (name) => page.getByRole("button", { name, exact: true });
const graph = (name) => page.getByRole("link", { name });
let deployed;

test("what is pushed is deployed, and seen without a reload", async () => {
  await page.goto(`${base}/chains`);
  await page.getByRole("link", { name: "release", exact: true }).waitFor();
  deployed = await order("commit", { "workflows/fresh.yaml": "agents:\n  only: {run: echo fresh}\n" });
  await page.getByRole("link", { name: "fresh", exact: true }).waitFor();
});

test("a run is started by the form that its inputs make", async () => {
  await page.goto(`${base}/chains/release`);
  await button("Run").click();
  await page.getByLabel("topic").fill("cats");
  await page.getByLabel("count").fill("2");
  await page.getByLabel("depth").selectOption("deep");
  await page.getByLabel("loud").check();
  await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
  await page.waitForURL(/\/runs\//);
  await graph(/^prepare .*, succeeded/).waitFor();
  await page.getByRole("link", { name: "Inputs and outputs" }).click();
  const inputs = page.getByRole("region", { name: "Inputs" });
  for (const value of ["cats", "2", "deep", "true"]) await inputs.getByText(value, { exact: true }).waitFor();
});

test("an input that does not fit is refused in the form, with the reason", async () => {
  await page.goto(`${base}/chains/release?start=1`);
  await page.getByLabel("topic").fill("");
  await page.getByLabel("topic").evaluate((field) => field.removeAttribute("required"));
  await page.getByLabel("count").fill("99");
  await page.getByLabel("count").evaluate((field) => field.removeAttribute("max"));
  await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("alert").getByText(/count/).waitFor();
});

test("it is approved from the inbox by a key, and the badge goes", async () => {
  await page.goto(`${base}/inbox`);
  await page.getByText("Publish cats?").waitFor();
  await page.keyboard.press("a");
  await page.getByText("Nothing waits for you").waitFor();
  await page.getByRole("link", { name: "Runs", exact: true }).click();
  await page.getByRole("row", { name: /release #1/ }).getByText("succeeded").waitFor();
});

test("a reload in the middle shows the same", async () => {
  const run = await order("run", { chain: "release", inputs: { topic: "dogs" } });
  await page.goto(`${base}/runs/${run}`);
  await page.getByRole("heading", { name: "Publish dogs?" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Publish dogs?" }).waitFor();
  await page.getByPlaceholder("Comment").fill("not now");
  await button("Reject").click();
  await page.locator("h1").getByText("failed").waitFor();
  await page.getByText(/not now/).first().waitFor();
});

test("a run is cancelled, after a question", async () => {
  const run = await order("run", { chain: "long" });
  await page.goto(`${base}/runs/${run}`);
  await graph(/^wait .*, running/).waitFor();
  await button("Cancel").click();
  await button("Cancel the run").click();
  await page.locator("h1").getByText("cancelled").waitFor();
});

test("it is done again from an agent on, and keeps what was before", async () => {
  const run = await order("run", { chain: "flaky" });
  await page.goto(`${base}/runs/${run}/agents/second`);
  await page.locator("h1").getByText("failed").waitFor();
  await button("Retry from here").click();
  await page.waitForURL((url) => url.pathname !== `/runs/${run}/agents/second`);
  assert.notEqual(path(page), `/runs/${run}`);
  await graph(/^first .*, succeeded/).waitFor();
  await graph(/^second .*, failed/).waitFor();
  await page.getByText("retries an earlier run").waitFor();
});

test("an earlier deployment is put in force again", async () => {
  await page.goto(`${base}/deployments`);
  await page.getByRole("button", { name: "Roll back to deployment 1" }).click();
  await page.getByRole("dialog").getByLabel("Why").fill("too fresh");
  await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
  await page.getByText("An earlier commit is in force than the branch has.").waitFor();
  await page.getByRole("cell", { name: /rollback.*too fresh/ }).waitFor();
  await page.getByRole("link", { name: "Chains", exact: true }).click();
  await page.getByRole("link", { name: "release", exact: true }).waitFor();
  assert.equal(await page.getByRole("link", { name: "fresh", exact: true }).count(), 0);
  assert.ok(deployed);
});

test("everything is found by typing", async () => {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("relea");
  await page.getByRole("option", { name: /^release chain/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/(chains\/release|runs\/)/);
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.waitForURL(`${base}/runs`);
  await page.getByRole("row", { name: /release #1/ }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/runs\/.+/);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
});

test("the page made no mistakes", () => assert.deepEqual(mistakes, []));
