// Every chart of the conformance repository is a complete page without JavaScript.

import { expect, test } from "../fixtures/test.ts";

/** A stretch of plain words of a README that Markdown leaves as they are. */
function wordsOf(readme: string): string[] {
  const lines = readme.split(/\r?\n/);
  let fenced = false;
  const found: string[] = [];
  for (const line of lines) {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    if (fenced || found.length >= 3) continue;
    if (/^[A-Z][A-Za-z ,]{25,}[a-z]\.?$/.test(line.trim())) found.push(line.trim().replace(/\.$/, "").replace(/\s+/g, " "));
  }
  return found;
}

const shards = 4;
for (let shard = 0; shard < shards; shard++) {
  test(`charts ${shard + 1} of ${shards}: the page has the README's words`, async ({ page, site }) => {
    test.setTimeout(240_000);
    const charts = site.charts.filter((_, at) => at % shards === shard);
    let nWithWords = 0;
    for (const { name, version, readme } of charts) {
      const answer = await page.goto(`/charts/conformance/${name}/${encodeURIComponent(version)}`);
      expect(answer?.status(), name).toBe(200);
      await expect(page.locator("h1"), name).toHaveCount(1);
      await expect(page.locator("h1")).toContainText(name);
      const text = (await page.locator("main").innerText()).replace(/\s+/g, " ");
      for (const words of wordsOf(readme ?? "")) {
        nWithWords += 1;
        expect(text, name).toContain(words);
      }
    }
    // The check must not pass because nothing was looked for.
    if (charts.length > 0) expect(nWithWords).toBeGreaterThan(charts.length / 2);
  });
}
