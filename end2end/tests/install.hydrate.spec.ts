// Values are edited and what they come to is seen as they are typed; no cluster is needed for that.

import type { Page } from "@playwright/test";

import { expect, hydrated, test } from "../fixtures/test.ts";

const PATH = "/charts/samples/hello-web/1.4.0/install";

/** Goes to the page and waits for the editor and its first render. */
async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await hydrated(page);
  await expect(page.getByRole("textbox", { name: "Values" })).toBeVisible();
  await expect(page.locator("[data-change-facts]")).toHaveText(/^\s*4 objects/, { timeout: 30_000 });
}

async function type(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Values" }).click();
  await page.keyboard.press("ControlOrMeta+a");
  // Typed over, marked lines are put together by Chromium itself, with a style that it then reports as refused.
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}

const facts = (page: Page) => page.locator("[data-change-facts]");

test("what is typed is rendered at once, and marked", async ({ page, site }) => {
  await open(page, `${site.samplesUrl}${PATH}`);
  await type(page, "service:\n  port: 8123\n");
  await page.getByRole("tab", { name: /^Manifest/ }).click();
  await expect(page.locator(".cm-changed").filter({ hasText: "8123" })).toBeVisible();
  await page.getByRole("tab", { name: /^Difference/ }).click();
  await expect(page.locator(".cm-came").filter({ hasText: "8123" })).toBeVisible();
  await expect(page.locator(".cm-went").filter({ hasText: "80" })).toBeVisible();
  expect(await page.locator("textarea[name=values]").inputValue()).toBe("service:\n  port: 8123\n");
});

test("an error is shown at its line, and mended", async ({ page, site }) => {
  await open(page, `${site.samplesUrl}${PATH}`);
  await type(page, "page:\n  title: a\n\tbad: b\n");
  await expect(facts(page)).toContainText("1 error at line 3");
  await page.getByRole("button", { name: "Go to line 3 of the values" }).click();
  await type(page, "page:\n  title: a\n");
  await expect(facts(page)).toHaveText(/^\s*4 objects/);
});

test("keys of the page are text in the editor, and Tab leaves it", async ({ page, site }) => {
  await open(page, `${site.samplesUrl}${PATH}`);
  await page.getByRole("textbox", { name: "Values" }).click();
  await page.keyboard.type("/?gc");
  await expect(page.locator("textarea[name=values]")).toHaveValue("/?gc");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("textbox", { name: "Values" })).not.toBeFocused();
});

test("a draft comes back after a reload, and no secret is in it", async ({ page, site }) => {
  await open(page, `${site.samplesUrl}${PATH}`);
  await type(page, "replicaCount: 3 # mine\npassword: swordfish\n");
  const kept = () => page.evaluate(() => JSON.stringify(Object.entries(localStorage)));
  await expect.poll(kept).toContain("# mine");
  expect(await kept()).not.toContain("swordfish");
  await page.reload();
  await hydrated(page);
  await expect(page.locator("textarea[name=values]")).toHaveValue('replicaCount: 3 # mine\npassword: ""\n');
  await expect(page.getByRole("main")).toContainText("One value that looks secret was not kept.");
  await page.getByRole("button", { name: "Discard it" }).click();
  await expect(page.locator("textarea[name=values]")).toHaveValue("");
});

test("the editor comes and goes with its page", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/charts/samples/hello-web`);
  await hydrated(page);
  expect(await page.evaluate(() => customElements.get("values-editor") === undefined)).toBe(true);
  await page.getByRole("main").getByRole("link", { name: "Install", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "Values" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("textbox", { name: "Values" })).toHaveCount(0);
  await page.goForward();
  await expect(page.getByRole("textbox", { name: "Values" })).toBeVisible();
});

test("everybody can use it", async ({ page, site, accessible }) => {
  await open(page, `${site.samplesUrl}${PATH}`);
  await accessible(page);
});
