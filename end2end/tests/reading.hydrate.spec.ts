// The application takes over what the server sent: navigation without reloads, filters, theme, keys, back button.

import type { Page } from "@playwright/test";

import { expect, hydrated, test } from "../fixtures/test.ts";

/** Fails when the document was loaded anew since it was called. */
async function withoutReload(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => Object.assign(window, { stillHere: true }));
  return async () => {
    expect(await page.evaluate(() => "stillHere" in window), "the document was not loaded anew").toBe(true);
  };
}

test("from the home page to a chart's values and back", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/`);
  await hydrated(page);
  const stayed = await withoutReload(page);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Catalog" }).click();
  await expect(page).toHaveURL(/\/charts$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Catalog");
  await page.getByRole("main").getByRole("link", { name: "hello-web" }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("hello-web");
  await expect(page.getByRole("main")).toContainText("A web server that greets.");
  await page.getByRole("link", { name: /^Values/ }).first().click();
  await expect(page).toHaveURL(/\/values$/);
  await expect(page.getByRole("main")).toContainText("replicaCount");
  await expect(page).toHaveTitle(/Values/);
  await page.goBack();
  await expect(page.getByRole("main")).toContainText("A web server that greets.");
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Catalog");
  await page.goForward();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("hello-web");
  await stayed();
});

test("every tab of a chart opens, without a reload", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/charts/samples/guestbook`);
  await hydrated(page);
  const stayed = await withoutReload(page);
  const tabs: [RegExp, RegExp, string][] = [
    [/^Values/, /\/values$/, "maxLength"],
    [/^Templates/, /\/templates/, "guestbook.yaml"],
    [/^CRDs/, /\/crds/, "moderators"],
    [/^Files/, /\/files/, "values-production.yaml"],
    [/^Versions/, /\/versions$/, "3.1.0"],
    [/^Overview/, /\/guestbook(\/3\.1\.0)?$/, "Visitors leave a line"],
  ];
  for (const [name, address, content] of tabs) {
    await page.getByRole("main").getByRole("link", { name }).first().click();
    await expect(page).toHaveURL(address);
    await expect(page.getByRole("main")).toContainText(content);
  }
  await stayed();
});

test("filters are addresses", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/charts`);
  await hydrated(page);
  const stayed = await withoutReload(page);
  const filters = page.getByRole("navigation", { name: "Filters" });
  await filters.getByRole("link", { name: /library/i }).first().click();
  await expect(page).toHaveURL(/chart_type=library|type=library/);
  await expect(page.getByRole("main").getByRole("link", { name: "common-parts" }).first()).toBeVisible();
  await expect(page.getByRole("main").getByRole("link", { name: "hello-web" })).toHaveCount(0);
  await page.goBack();
  await expect(page.getByRole("main").getByRole("link", { name: "hello-web" }).first()).toBeVisible();
  await stayed();
});

test("a search from any page leads to the catalog", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/repositories`);
  await hydrated(page);
  const stayed = await withoutReload(page);
  await page.keyboard.press("/");
  await page.keyboard.type("schedule");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/charts\?q=schedule$/);
  await expect(page.getByRole("main").getByRole("link", { name: "ticker" }).first()).toBeVisible();
  await stayed();
});

test("the theme is chosen, kept, and never flashes", async ({ page, site }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`${site.samplesUrl}/`);
  await hydrated(page);
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor + getComputedStyle(document.body).backgroundColor);
  const light = await background();
  const theme = page.getByRole("button", { name: "Change theme" });
  await theme.click();
  await theme.click();
  expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
  expect(await background()).not.toBe(light);
  await page.reload({ waitUntil: "commit" });
  await page.waitForSelector("body", { state: "attached" });
  expect(await page.evaluate(() => document.documentElement.dataset["theme"]), "before anything is painted").toBe("dark");
});

test("values are found by key, in context", async ({ page }) => {
  await page.goto("/charts/conformance/wordpress/values");
  await hydrated(page);
  const lines = page.locator(".values .line");
  const all = await lines.count();
  expect(all).toBeGreaterThan(100);
  await page.getByPlaceholder("Filter by key or text").fill("replicaCount");
  await expect.poll(() => page.locator(".values .line:visible").count()).toBeLessThan(all / 4);
  await expect(page.locator(".values .line:visible").filter({ hasText: "replicaCount" }).first()).toBeVisible();
});

test("an unknown chart says so after a navigation, too", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/charts/samples/hello-web`);
  await hydrated(page);
  await page.evaluate(() => {
    const link = document.createElement("a");
    link.href = "/charts/samples/helo-web";
    link.textContent = "wrong";
    document.querySelector("main")?.append(link);
  });
  await page.getByRole("link", { name: "wrong" }).click();
  await expect(page.getByRole("main").getByRole("link", { name: /hello-web/ }).first()).toBeVisible();
});
