// What pages weigh on the wire, and what an idle process keeps in memory.

import { readFileSync } from "node:fs";
import { get } from "node:http";

import { expect, test } from "../fixtures/test.ts";

const htmlBudget = 60 * 1024;
const idleBudgetKib = 112 * 1024;

/** The length of a body as it travels. */
function bytesOnTheWire(url: string, encoding: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { "accept-encoding": encoding } }, (response) => {
      let bytes = 0;
      expect(response.statusCode).toBe(200);
      expect(response.headers["content-encoding"]).toBe(encoding);
      response.on("data", (chunk: Buffer) => (bytes += chunk.length));
      response.on("end", () => resolve(bytes));
    }).on("error", reject);
  });
}

test("no chart's page is heavier than its budget", async ({ site }) => {
  const byReadme = [...site.charts].sort((a, b) => (b.readme?.length ?? 0) - (a.readme?.length ?? 0)).slice(0, 15);
  const sizes: [number, string][] = [];
  for (const { name, version } of byReadme) {
    const path = `/charts/conformance/${name}/${encodeURIComponent(version)}`;
    sizes.push([await bytesOnTheWire(`${site.url}${path}`, "br"), name]);
  }
  sizes.sort((a, b) => b[0] - a[0]);
  console.log(`heaviest chart pages (brotli): ${sizes.slice(0, 3).map(([bytes, name]) => `${name} ${bytes}`).join(", ")}`);
  if (sizes[0] !== undefined) expect(sizes[0][0], sizes[0][1]).toBeLessThanOrEqual(htmlBudget);
});

test("no list sends the catalog to the browser", async ({ site }) => {
  for (const path of ["/", "/charts", "/repositories"]) {
    expect(await bytesOnTheWire(`${site.url}${path}`, "br"), path).toBeLessThanOrEqual(htmlBudget);
  }
});

test("an idle process is small", async ({ site }) => {
  const status = readFileSync(`/proc/${site.samplesPid}/status`, "utf8");
  const kib = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
  console.log(`idle memory: ${(kib / 1024).toFixed(1)} MiB`);
  expect(kib).toBeLessThanOrEqual(idleBudgetKib);
});
