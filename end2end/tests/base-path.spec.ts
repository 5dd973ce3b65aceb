// One origin, one port, no rewrite rules: behind a proxy that strips the path, one that does not, and directly.

import { type Chartroom, startChartroom, synced } from "../fixtures/chartroom.ts";
import { type Nginx, startNginx } from "../fixtures/nginx.ts";
import { expect, hydrated, test } from "../fixtures/test.ts";

const base = "/tools/charts";
let chartroom: Chartroom;
let nginx: Nginx;

test.beforeAll(async () => {
  chartroom = await startChartroom({ basePath: base });
  await synced(chartroom.url);
  nginx = await startNginx(new URL(chartroom.url).origin, base);
});

test.afterAll(async () => {
  await nginx.stop();
  await chartroom.stop();
});

for (const way of ["keeping", "stripping", "directly"] as const) {
  test(`pages, assets and navigation work (${way})`, async ({ page }) => {
    const origin = way === "directly" ? new URL(chartroom.url).origin : nginx[way];
    const failed: string[] = [];
    page.on("response", (response) => {
      if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(`${origin}${base}/`);
    await hydrated(page);
    await page.getByRole("link", { name: "Catalog", exact: true }).first().click();
    await expect(page).toHaveURL(`${origin}${base}/charts`);
    await page.getByRole("link", { name: "hello-web" }).first().click();
    await expect(page).toHaveURL(`${origin}${base}/charts/samples/hello-web`);
    await expect(page.locator("h1")).toContainText("hello-web");
    await page.reload();
    await expect(page.locator("h1")).toContainText("hello-web");
    for (const link of await page.locator("a[href^='/']").all()) {
      expect(await link.getAttribute("href")).toMatch(/^\/tools\/charts(\/|$|\?|#)/);
    }
    expect(failed).toEqual([]);
  });
}
