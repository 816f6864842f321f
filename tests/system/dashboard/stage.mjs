// What every scenario stands on: a browser that is signed in, and orders to the test that runs it.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { after } from "node:test";

const require = createRequire(`${process.env.UI}/package.json`);
const { chromium } = require("playwright-core");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let last = Promise.resolve();

/** Have the test do something, one after the other; its answer. */
export function order(name, argument = null) {
  const answer = last.then(async () => {
    process.stdout.write(`@${name} ${JSON.stringify(argument)}\n`);
    return JSON.parse((await answers.next()).value);
  });
  last = answer.catch(() => {});
  return answer;
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
after(async () => {
  await browser.close();
  process.stdin.unref?.();
  process.stdin.destroy();
});

const link = new URL(await order("link"));
export const base = link.origin;

/** Mistakes that the page itself tells of: none is allowed, but for connections that a scenario breaks. */
export const mistakes = [];

/** A page of a browser of its own, signed in. */
export async function signedIn(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.on("pageerror", (fault) => mistakes.push(String(fault.stack ?? fault)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/net::ERR|Failed to load resource|WebSocket connection/.test(message.text())) mistakes.push(message.text());
  });
  await page.goto(await order("link"));
  await page.waitForURL(`${base}/`);
  return page;
}

export const path = (page) => new URL(page.url()).pathname;
export const read = (file) => require("node:fs").readFileSync(require.resolve(file), "utf8");
