// The same without JavaScript: every step is a link or a form.

import { installTwice, workplace, type Workplace } from "../fixtures/cluster.ts";
import { signIn } from "../fixtures/people.ts";
import { expect, test } from "../fixtures/test.ts";

let place: Workplace;

test.beforeAll(async () => {
  place = await workplace("plain");
  installTwice(place);
});

test.afterAll(async () => place?.stop());

test("a release is found, understood, rolled back and removed with links and forms", async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, place.chartroom, "alice", "/releases");
  await page.getByRole("main").getByRole("link", { name: "web", exact: true }).click();
  await expect(page.locator("h1")).toContainText("web");
  await expect(page.getByRole("main")).toContainText("Deployment");
  await page.getByRole("navigation", { name: "Release" }).getByRole("link", { name: "History" }).click();
  await expect(page.getByRole("main")).toContainText("superseded");
  await page.goto(`${place.chartroom.url}/releases/test/${place.namespace}/web/rollback?revision=1`);
  await page.getByRole("button", { name: "Roll back to revision 1" }).click();
  await ended(page);
  expect(place.helm("get", "values", "web")).toContain("first");
  await page.goto(`${place.chartroom.url}/releases/test/${place.namespace}/web/uninstall`);
  await page.getByRole("button", { name: "Uninstall web" }).click();
  await ended(page);
  expect(place.helm("list", "--short").trim()).toBe("");
});

/** Reloads an operation's page, as a person without a script does. */
async function ended(page: import("@playwright/test").Page): Promise<void> {
  await expect(page).toHaveURL(/\/operations\//);
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("main")).toContainText(/Succeeded/, { timeout: 500 });
  }).toPass({ timeout: 60_000 });
}
