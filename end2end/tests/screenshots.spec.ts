// A picture of every page, light, dark and narrow, for people to look at: end2end/screenshots.

import { expect, test } from "../fixtures/test.ts";

const pages: [string, string][] = [
  ["home", "/"],
  ["catalog", "/charts"],
  ["repository-charts", "/charts/conformance"],
  ["chart", "/charts/conformance/wordpress"],
  ["values", "/charts/conformance/wordpress/values"],
  ["templates", "/charts/conformance/wordpress/templates"],
  ["dependencies", "/charts/conformance/wordpress/dependencies"],
  ["versions", "/charts/conformance/wordpress/versions"],
  ["repositories", "/repositories"],
  ["repository", "/repositories/conformance"],
  ["not-found", "/charts/conformance/wordpres"],
];

for (const scheme of ["light", "dark"] as const) {
  for (const [device, width, height] of [["desktop", 1280, 900], ["phone", 390, 844]] as const) {
    test(`${scheme} on a ${device}`, async ({ page }) => {
      test.setTimeout(120_000);
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height });
      for (const [name, path] of pages) {
        await page.goto(path);
        await page.evaluate(() => document.fonts.ready);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, `${name} does not scroll sideways`).toBeLessThanOrEqual(0);
        await page.screenshot({ path: `screenshots/${name}-${scheme}-${device}.png` });
      }
    });
  }
}
