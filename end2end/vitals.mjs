// What a slow telephone makes of pages: `node vitals.mjs name=url…`; `cargo xtask bench pages` runs it.
//
// Conditions are those under which Lighthouse looks at pages as a telephone does, applied by the browser itself: a
// processor four times as slow, 1.6 Mbit/s down, 562 ms until an answer begins, a screen of 412 by 823. Every page is
// loaded in a browser that has never seen the site, three times; shown is the median.

import { chromium, devices } from "@playwright/test";

const N_RUNS = 3;
const name = process.env.CHARTROOM_CHROMIUM ?? "chromium";
const browser = await chromium.launch({
  executablePath: name.includes("/") ? name : `/usr/bin/${name}`,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** Runs in the page, before anything of it does. */
function observe() {
  const seen = { lcp: 0, lcpOf: "", cls: 0, tasks: [], hydrated: 0 };
  window.seen = seen;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      seen.lcp = entry.startTime;
      seen.lcpOf = entry.element === null ? "" : entry.element.tagName.toLowerCase();
    }
  }).observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.cls += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.tasks.push([entry.startTime, entry.duration]);
  }).observe({ type: "longtask", buffered: true });
  const look = () => {
    if (document.documentElement?.dataset.hydrated === "true") seen.hydrated = performance.now();
    else requestAnimationFrame(look);
  };
  look();
}

async function measure(url) {
  const { defaultBrowserType: _, ...telephone } = devices["Moto G4"];
  const context = await browser.newContext({ ...telephone, viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75 });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 562.5,
    downloadThroughput: (1638.4 * 1024 * 0.9) / 8,
    uploadThroughput: (675 * 1024) / 8,
  });
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await page.addInitScript(observe);
  // Not until the network is idle: a page about something that goes on asks again and again.
  await page.goto(url, { waitUntil: "load", timeout: 120_000 });
  await page.waitForFunction(() => window.seen.hydrated > 0, undefined, { timeout: 120_000 });
  // What the last request set off is over after that, too.
  await page.waitForTimeout(2_000);
  const seen = await page.evaluate(() => ({
    ...window.seen,
    fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    // How long after the document's first byte the first of what it needs is asked for: what hints before it could save.
    asked: Math.min(...performance.getEntriesByType("resource").map((one) => one.startTime)) - performance.getEntriesByType("navigation")[0].responseStart,
  }));
  await context.close();
  // What a task holds up beyond 50 ms, from the first paint on.
  const blocked = seen.tasks.map(([start, length]) => (start + length > seen.fcp ? Math.max(0, length - 50) : 0));
  return {
    fcp: seen.fcp,
    lcp: seen.lcp,
    lcpOf: seen.lcpOf,
    cls: seen.cls,
    tbt: blocked.reduce((sum, one) => sum + one, 0),
    hydrated: seen.hydrated,
    asked: seen.asked,
    bytes,
  };
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

console.log("Chromium, 4 times slower, 1.6 Mbit/s        FCP     LCP     CLS   blocked  hydrated  assets asked after  bytes");
for (const argument of process.argv.slice(2)) {
  const at = argument.indexOf("=");
  const [what, url] = [argument.slice(0, at), argument.slice(at + 1)];
  const runs = [];
  for (let run = 0; run < N_RUNS; run++) runs.push(await measure(url));
  const of = (key) => median(runs.map((run) => run[key]));
  console.log(
    `${what.padEnd(38)} ${of("fcp").toFixed(0).padStart(6)}  ${of("lcp").toFixed(0).padStart(6)}  ${of("cls").toFixed(3).padStart(6)}` +
      `  ${of("tbt").toFixed(0).padStart(5)} ms  ${of("hydrated").toFixed(0).padStart(5)} ms  ${of("asked").toFixed(0).padStart(15)} ms  ${of("bytes")}  (largest: ${runs[0].lcpOf})`,
  );
}
await browser.close();
