// Answers that are not pages of content, and what every page says of itself.

import { expect, test } from "../fixtures/test.ts";

for (const [what, path] of [
  ["chart", "/charts/samples/helo-web"],
  ["version", "/charts/samples/hello-web/9.9.9"],
  ["repository", "/charts/sampels"],
  ["repository page", "/repositories/sampels"],
  ["file", "/charts/samples/hello-web/1.4.0/files/docs/no.md"],
  ["address", "/no/such/page"],
] as const) {
  test(`an unknown ${what} is a 404 that helps`, async ({ page, site }) => {
    const answer = await page.goto(`${site.samplesUrl}${path}`);
    expect(answer?.status()).toBe(404);
    await expect(page.locator("h1")).toHaveCount(1);
    await expect(page.getByRole("searchbox").first()).toBeVisible();
    if (what === "chart") await expect(page.getByRole("main").getByRole("link", { name: /hello-web/ })).toBeVisible();
  });
}

test("every page has a title, a description, a canonical address and one h1", async ({ page, site }) => {
  const titles = new Set<string>();
  const paths = [
    "/",
    "/charts",
    "/charts/samples",
    "/charts/samples/hello-web",
    "/charts/samples/hello-web/1.4.0",
    "/charts/samples/hello-web/1.4.0/values",
    "/charts/samples/hello-web/1.4.0/templates",
    "/charts/samples/guestbook/3.1.0/crds",
    "/charts/samples/bookshop/0.9.2/dependencies",
    "/charts/samples/hello-web/versions",
    "/repositories",
    "/repositories/samples",
  ];
  for (const path of paths) {
    const answer = await page.goto(`${site.samplesUrl}${path}`);
    expect(answer?.status(), path).toBe(200);
    titles.add(await page.title());
    expect((await page.locator("meta[name=description]").getAttribute("content"))?.length, path).toBeGreaterThan(20);
    expect(await page.locator("link[rel=canonical]").getAttribute("href"), path).toContain("/");
    await expect(page.locator("h1"), path).toHaveCount(1);
    await expect(page.getByRole("main"), path).toHaveCount(1);
    await expect(page.getByRole("banner"), path).toHaveCount(1);
    await expect(page.getByRole("contentinfo"), path).toHaveCount(1);
  }
  // A chart and its newest version are one page at two addresses; all others differ.
  expect(titles.size).toBeGreaterThanOrEqual(paths.length - 1);
});

test("charts with oddities are listed like any other", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/charts/samples/bare`);
  await expect(page.locator("h1")).toContainText("bare");
  await expect(page.getByRole("main")).toContainText(/no README/i);
  await page.goto(`${site.samplesUrl}/charts?deprecated=true`);
  await expect(page.getByRole("link", { name: "old-greeter" }).first()).toBeVisible();
});

test("the catalog's filters work as a plain form", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/charts`);
  await page.getByRole("searchbox").first().fill("guestbook");
  await page.getByRole("searchbox").first().press("Enter");
  await expect(page).toHaveURL(/\/charts\?.*q=guestbook/);
  await expect(page.getByRole("main").getByRole("link", { name: "guestbook" }).first()).toBeVisible();
  await expect(page.getByRole("main").getByRole("link", { name: "hello-web" })).toHaveCount(0);
});
