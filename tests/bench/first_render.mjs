// How heavy the dashboard is, and how soon something is seen: a browser that was never here, one that was, and a page without scripts.
import { createRequire } from "node:module";

const require = createRequire(`${process.env.UI}/package.json`);
const { chromium } = require("playwright-core");
const [base, token, rounds] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });

/** `{bytes, requests, painted, shown}` of one visit: over the wire, and milliseconds to the first paint and until `wanted` is there. */
async function visit(page, address, wanted) {
  const network = await page.context().newCDPSession(page);
  let bytes = 0;
  let requests = 0;
  network.on("Network.loadingFinished", ({ encodedDataLength }) => ((bytes += encodedDataLength), (requests += 1)));
  await network.send("Network.enable");
  const began = performance.now();
  await page.goto(base + address, { waitUntil: "commit" });
  await page.locator(wanted).first().waitFor();
  const shown = performance.now() - began;
  const painted = await page.evaluate(
    () =>
      new Promise((told) => {
        const paint = () => performance.getEntriesByName("first-contentful-paint")[0];
        const look = () => (paint() ? told(paint().startTime) : setTimeout(look, 5));
        look();
      }),
  );
  await network.detach();
  return { bytes, requests, painted, shown };
}

const SCREENS = { "/plain": "table tr", "/": "main h1", "/runs": ".runs tbody tr" };
const found = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${base}/sign-in?next=/plain`);
  await page.locator("input[name=token]").fill(token);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${base}/plain`);
  for (const [address, wanted] of Object.entries(SCREENS)) {
    for (const is of ["cold", "warm"]) {
      if (is === "cold") await (await context.newCDPSession(page)).send("Network.clearBrowserCache");
      found.push({ address, is, ...(await visit(page, address, wanted)) });
    }
  }
  await context.close();
}
await browser.close();
console.log(JSON.stringify(found));
