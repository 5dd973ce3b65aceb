// The browser's side of `cargo xtask bench preview`: reads what to measure from its argument and writes a line of JSON
// for each chart. Keys are the browser's own events (CDP), times are the page's.

import { readFileSync } from "node:fs";

import { chromium } from "@playwright/test";

const { program, url, charts, nKeys, msBetween } = JSON.parse(process.argv.at(-1));

/** What a page notes for us; in it before any of its own scripts. */
function instrument() {
  const bench = { starts: [], gaps: [], tasks: [], keys: [] };
  window.bench = bench;
  window.Worker = class extends Worker {
    constructor(...given) {
      const began = performance.now();
      super(...given);
      this.addEventListener("message", ({ data }) => data.kind === "ready" && bench.starts.push(performance.now() - began));
    }
  };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) bench.tasks.push([startTime, duration]);
  }).observe({ type: "longtask" });
  new PerformanceObserver((list) => {
    for (const { name, startTime, duration } of list.getEntries()) if (name === "keydown") bench.keys.push([startTime, duration]);
  }).observe({ type: "event", durationThreshold: 16 });
  let last;
  (function frame(now) {
    if (last !== undefined) bench.gaps.push([now, now - last]);
    last = now;
    requestAnimationFrame(frame);
  })(performance.now());
  /** Resolves to the milliseconds from the next key to the frame whose difference shows `number` as a value. */
  bench.watch = (number) => {
    const wanted = new RegExp(`(^|[^0-9])${number}([^0-9]|$)`);
    let pressed;
    addEventListener("keydown", ({ timeStamp }) => (pressed = timeStamp), { capture: true, once: true });
    bench.seen = new Promise((resolve) => {
      const look = () => {
        const lines = document.querySelectorAll("#live-3 .cm-came");
        if (pressed === undefined || ![...lines].some(({ textContent }) => wanted.test(textContent))) return;
        observer.disconnect();
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => resolve(performance.now() - pressed);
          channel.port2.postMessage(0);
        });
      };
      const observer = new MutationObserver(look);
      observer.observe(document.querySelector("#live-3"), { subtree: true, childList: true, characterData: true, attributes: true });
    });
  };
}

const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** A browser of its own, so that nothing is cached and one process has the page. */
async function open(work) {
  const browser = await chromium.launch({ executablePath: program, args });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(120_000);
    await page.addInitScript(instrument);
    return await work(page, browser);
  } finally {
    await browser.close();
  }
}

/** MiB that the process of the page has to itself, engine and workers included. */
async function memory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const own = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => {
    const rollup = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
    return [...rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)].reduce((sum, [, kib]) => sum + Number(kib) / 1024, 0);
  });
  return Math.max(...own);
}

/** Bytes as they travelled, by what they are for. */
async function bytes(page) {
  const entries = () => performance.getEntries().filter(({ transferSize }) => transferSize > 0).map(({ name, transferSize }) => [name, transferSize]);
  const found = await page.evaluate(entries);
  for (const worker of page.workers()) found.push(...(await worker.evaluate(entries)));
  const sums = { engine: 0, editor: 0, archive: 0, page: 0 };
  for (const [name, size] of found) {
    const path = new URL(name).pathname;
    const kind = /\/preview[^/]*$/.test(path) ? "engine" : /\/editor[^/]*$/.test(path) ? "editor" : /\/archives\//.test(path) ? "archive" : "page";
    sums[kind] += size;
  }
  return sums;
}

async function measure(page, browser, chart) {
  await page.goto(`${url}${chart.address}`);
  await page.waitForFunction(() => /object/.test(document.querySelector("[data-change-facts]")?.textContent ?? ""), undefined, { timeout: 120_000 });
  const first = await page.evaluate(() => performance.now());
  await page.getByRole("tab", { name: "YAML" }).click();
  await page.getByRole("tab", { name: /^Difference/ }).click();
  await page.getByRole("textbox", { name: "Values" }).click();
  await page.evaluate((number) => bench.watch(number), chart.number);
  // Pasted but for its last digit, which is the first key.
  await page.keyboard.insertText(chart.text.slice(0, -1));
  await page.keyboard.press(chart.text.at(-1));
  await page.evaluate(() => bench.seen);
  const [starts, loaded] = [await page.evaluate(() => bench.starts), await bytes(page)];

  // One key after another, each waited for: a digit, and away with it.
  const times = [];
  for (let key = 0; key < nKeys; key++) {
    const isDigit = key % 2 === 0;
    const digit = String(((key / 2) % 9) + 1);
    await page.evaluate((number) => bench.watch(number), isDigit ? `${chart.number}${digit}` : chart.number);
    await page.waitForTimeout(60 + ((key * 37) % 80));
    await page.keyboard.press(isDigit ? digit : "Backspace");
    times.push(await page.evaluate(() => bench.seen));
  }

  // And as somebody types who waits for nothing.
  const began = await page.evaluate(() => performance.now());
  for (let key = 0; key < nKeys; key++) {
    await page.keyboard.press(key % 2 === 0 ? "4" : "Backspace");
    await page.waitForTimeout(msBetween);
  }
  await page.waitForTimeout(300);
  const typed = await page.evaluate((began) => {
    const since = (list) => list.filter(([at]) => at >= began).map(([, duration]) => duration);
    return { gaps: since(bench.gaps), tasks: since(bench.tasks), keys: since(bench.keys) };
  }, began);
  return { name: chart.name, first, starts, loaded, times, typed, memory: await memory(browser) };
}

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

// What a page that only reads takes.
await open(async (page, browser) => {
  await page.goto(`${url}${charts[0].address.replace(/\/install$/, "")}`);
  await page.waitForFunction(() => document.documentElement.dataset.hydrated === "true");
  say({ plain: { memory: await memory(browser), loaded: await bytes(page) } });
});
for (const chart of charts) say(await open((page, browser) => measure(page, browser, chart)));
