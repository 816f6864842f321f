// Every screen, in both themes: nothing that axe finds against WCAG 2.2 AA, and it fits a window of 360 pixels. With a folder as its
// argument it leaves pictures of them there.
import assert from "node:assert/strict";
import { test } from "node:test";

import { base, mistakes, order, read, signedIn } from "./stage.mjs";

const pictures = process.argv[2];
const page = await signedIn({ viewport: { width: 1440, height: 900 }, colorScheme: "dark", reducedMotion: "reduce" });
await page.addInitScript(read("axe-core/axe.min.js"));
await page.reload();

const { done, failed, live } = await order("furnished");

/** Name, address, and what is there when the screen has its content. */
const SCREENS = [
  ["home", "/", "Latest runs"],
  ["inbox", "/inbox", "rang the bell"],
  ["runs", "/runs", "flaky"],
  ["run", `/runs/${done}`, "succeeded"],
  ["run-live", `/runs/${live}`, "Publish the review?"],
  ["run-failed", `/runs/${failed}`, "Retry what failed"],
  ["run-events", `/runs/${done}/events`, "notes.ready"],
  ["run-values", `/runs/${done}/values`, "Inputs"],
  ["run-journal", `/runs/${done}/journal`, "RunFinished"],
  ["terminal", `/runs/${live}/agents/ask`, "Which one?"],
  ["log", `/runs/${done}/agents/write?view=log`, "part 3 of hosts"],
  ["recording", `/runs/${done}/agents/write?view=recording`, "asciicast"],
  ["agent-activity", `/runs/${done}/agents/write?view=activity`, "it emitted draft.ready"],
  ["agent-details", `/runs/${done}/agents/write?view=details`, "This attempt"],
  ["not-started", `/runs/${live}/agents/publish`, "It has not started"],
  ["chains", "/chains", "flaky"],
  ["chain", "/chains/brief", "Agents"],
  ["chain-runs", "/chains/brief?view=runs", "succeeded"],
  ["chain-statistics", "/chains/flaky?view=statistics", "exit code 3"],
  ["chain-triggers", "/chains/hooked?view=triggers", "openssl"],
  ["chain-source", "/chains/brief?view=source", "agents"],
  ["chain-versions", "/chains/brief?view=versions", "in force"],
  ["run-form", "/chains/brief?start=1", "At another commit"],
  ["schedules", "/schedules", "All schedules"],
  ["events", "/events", "notes.ready"],
  ["deliveries", "/deliveries", "the signature is not ours"],
  ["deployments", "/deployments", "in force"],
  ["changes", "/changes", "A draft is written twice at most"],
  ["change", "/changes/1", "max-turns"],
  ["change-diff", "/changes/1?view=diff", "max-turns"],
  ["hosts", "/hosts", "no key is pinned"],
  ["settings", "/settings", "Configuration"],
  ["not-found", "/nowhere", "There is no such screen"],
  ["no-such-run", "/runs/nonesuch", "There is no such thing here"],
];

const RULES = { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } };
const COLOURS = { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } };

/** What axe finds, a line each. */
async function found(rules) {
  const { violations } = await page.evaluate((asked) => window.axe.run(document, asked), rules);
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")} ${node.any[0]?.message ?? ""}`));
}

async function themed(theme) {
  await page.emulateMedia({ colorScheme: theme });
  await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme);
}

/** As a link of the page goes there: loading all of it again for each screen would take twice as long. */
async function visit(address) {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, address);
}

/** How far the screen is wider than a narrow window. */
async function overflow(name) {
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (pictures) await page.screenshot({ path: `${pictures}/${name}-narrow.png`, animations: "disabled" });
  await page.setViewportSize({ width: 1440, height: 900 });
  return Math.max(0, wide);
}

for (const [name, address, content] of SCREENS) {
  test(name, async () => {
    await themed("dark");
    await visit(address);
    await page.getByText(content).locator("visible=true").first().waitFor();
    const problems = { dark: await found(RULES) };
    if (pictures) await page.screenshot({ path: `${pictures}/${name}-dark.png`, animations: "disabled" });
    await themed("light");
    problems.light = await found(COLOURS);
    if (pictures) await page.screenshot({ path: `${pictures}/${name}-light.png`, animations: "disabled" });
    problems.overflow = await overflow(name);
    assert.deepEqual(problems, { dark: [], light: [], overflow: 0 });
  });
}

test("the palette and the list of keys", async () => {
  await visit("/runs");
  await page.getByRole("row", { name: /flaky #1/ }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("option").first().waitFor();
  assert.deepEqual(await found(RULES), []);
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  assert.deepEqual(await found(RULES), []);
});

test("the page made no mistakes", () => assert.deepEqual(mistakes, []));
