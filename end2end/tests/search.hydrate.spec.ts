// Suggestions while somebody types: when they are asked for, what the keys do, what a screen reader is told.

import type { Page } from "@playwright/test";

import { expect, hydrated, test } from "../fixtures/test.ts";

const field = (page: Page) => page.getByRole("banner").getByRole("combobox", { name: "Search charts" });
const options = (page: Page) => page.getByRole("banner").getByRole("option");

test("arrows lead to a chart, Enter opens it, and the document stays", async ({ page, site, accessible }) => {
  await page.goto(`${site.samplesUrl}/charts`);
  await hydrated(page);
  await page.evaluate(() => Object.assign(window, { stillHere: true }));
  await page.keyboard.press("/");
  await expect(field(page)).toBeFocused();
  await page.keyboard.type("hello");
  await expect(options(page).first()).toContainText("hello-web");
  await expect(field(page)).toHaveAttribute("aria-expanded", "true");
  await accessible(page);
  await page.keyboard.press("ArrowDown");
  const first = options(page).first();
  await expect(first).toHaveAttribute("aria-selected", "true");
  await expect(field(page)).toHaveAttribute("aria-activedescendant", (await first.getAttribute("id")) ?? "none");
  await page.keyboard.press("ArrowUp");
  await expect(field(page)).not.toHaveAttribute("aria-activedescendant");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/charts\/samples\/hello-web$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("hello-web");
  await expect(options(page)).toHaveCount(0);
  expect(await page.evaluate(() => "stillHere" in window), "the document was not loaded anew").toBe(true);
});

test("Escape closes and leaves what was typed, and Enter searches for it", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/charts`);
  await hydrated(page);
  await field(page).or(page.getByRole("searchbox", { name: "Search charts" })).first().click();
  await page.keyboard.type("web");
  await expect(options(page).first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(field(page)).toHaveAttribute("aria-expanded", "false");
  await expect(field(page)).toHaveValue("web");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/charts\?q=web$/);
});

test("one question for a word that is typed at once, and none that comes too late", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/charts`);
  await hydrated(page);
  const asked: string[] = [];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/ui/suggest?q=*", async (route) => {
    const words = new URL(route.request().url()).searchParams.get("q") ?? "";
    asked.push(words);
    if (words === "guest") await held;
    await route.continue().catch(() => undefined);
  });
  await page.keyboard.press("/");
  // Letter by letter, and faster than any machine is too busy for.
  await field(page).evaluate((input: HTMLInputElement) => {
    for (let end = 1; end <= "guest".length; end++) {
      input.value = "guest".slice(0, end);
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
  });
  await expect.poll(() => asked).toEqual(["guest"]);
  await field(page).fill("hello");
  await expect(options(page).first()).toContainText("hello-web");
  release();
  await expect(options(page).first()).toContainText("hello-web");
  expect(asked).toEqual(["guest", "hello"]);
  await field(page).fill("");
  await expect(options(page)).toHaveCount(0);
});
