// The same way without JavaScript: search, text area, Preview, Plan, Install, the decision of a merge, all plain forms.

import type { Page } from "@playwright/test";
import { parse } from "yaml";

import { workplace, type Workplace } from "../fixtures/cluster.ts";
import { signIn } from "../fixtures/people.ts";
import type { TestRepository } from "../fixtures/repository.ts";
import { following, serveTeaShop } from "../fixtures/tea-shop.ts";
import { expect as soon, test } from "../fixtures/test.ts";

/** Clusters, workers and whoever looks at every page take their time. */
const expect = soon.configure({ timeout: 30_000 });

let repository: TestRepository;
let place: Workplace;

test.beforeAll(async () => {
  repository = await serveTeaShop();
  place = await workplace("plain-journey", following(repository));
});

test.afterAll(async () => {
  await place?.stop();
  await repository?.close();
});

const main = (page: Page) => page.getByRole("main");
const bar = (page: Page) => page.locator("[data-change-facts]");

/** Reloads an operation's page, as a person without a script does. */
async function ended(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/operations\//);
  await expect(async () => {
    await page.reload();
    await expect(main(page)).toContainText(/Succeeded/, { timeout: 500 });
  }).toPass({ timeout: 60_000 });
}

test("a chart is found, installed, upgraded with a conflict, rolled back and removed with links and forms", async ({ page, browser, accessible }) => {
  test.setTimeout(600_000);
  // What looks at a page is a script: it gets a copy, without the page's own, in a browser that runs scripts.
  const copy = await (await browser.newContext({ javaScriptEnabled: true })).newPage();
  const inBothThemes = async () => {
    const [address] = page.url().split("#") as [string];
    const body = (await page.content()).replace(/<script\b[\s\S]*?<\/script>/g, "");
    await copy.route(address, (route) => route.fulfill({ contentType: "text/html", body }), { times: 1 });
    await copy.goto(address);
    for (const colorScheme of ["dark", "light"] as const) {
      await copy.emulateMedia({ colorScheme });
      await accessible(copy);
    }
  };
  const overrides = () => parse(place.helm("get", "values", "shop", "--output", "yaml")) as unknown;
  const listed = () => JSON.parse(place.helm("list", "--output", "json")) as unknown[];
  const values = page.getByRole("textbox", { name: "Values" });

  await signIn(page, place.chartroom, "alice");
  await page.goto(place.chartroom.url);
  await main(page).getByRole("searchbox").fill("pot of tea");
  await main(page).getByRole("searchbox").press("Enter");
  await main(page).getByRole("link", { name: "tea-shop" }).first().click();
  await main(page).getByRole("link", { name: "Versions" }).first().click();
  await main(page).getByRole("link", { name: "1.0.0" }).first().click();
  await main(page).getByRole("link", { name: "Install", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Install tea-shop");
  await inBothThemes();

  // Wrong first: said at its line, and nothing that was typed is lost.
  await values.fill("# What the regulars are used to:\ngreeting: [Good morning\nkeepOrders: false # the law\n");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(bar(page)).toContainText(/1 error at line [23] of the values/);
  await expect(values).toHaveValue("# What the regulars are used to:\ngreeting: [Good morning\nkeepOrders: false # the law\n");
  await inBothThemes();
  const wishes = "# What the regulars are used to:\ngreeting: Good morning\nkeepOrders: false # the law\n";
  await values.fill(wishes);
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(bar(page)).toHaveText(/3 objects/);
  await expect(main(page)).toContainText("Good morning");
  await inBothThemes();
  await page.getByLabel("Name", { exact: true }).fill("shop");
  await page.getByRole("button", { name: "Plan", exact: true }).click();
  await expect(page.locator("#plan")).toContainText("3 objects will be created");
  await expect(values).toHaveValue(wishes);
  await inBothThemes();
  expect(listed(), "a plan changes nothing").toEqual([]);
  await page.getByRole("button", { name: "Install", exact: true }).click();
  await ended(page);
  await inBothThemes();
  expect(listed()).toMatchObject([{ name: "shop", chart: "tea-shop-1.0.0", revision: "1", status: "deployed" }]);
  expect(overrides()).toEqual({ greeting: "Good morning", keepOrders: false });

  // Upgraded: what is certain has moved, the rest is a button.
  await main(page).getByRole("link", { name: "See the release" }).click();
  await page.getByRole("navigation", { name: "Actions" }).getByRole("link", { name: "Upgrade" }).click();
  await expect(values).toHaveValue("keepOrders: false # the law\nshop:\n  # What the regulars are used to:\n  greeting: Good morning\n");
  await expect(main(page)).toContainText("1 of your values needs a decision.");
  await inBothThemes();
  await page.getByRole("button", { name: 'Make it {"enabled":false}' }).click();
  await expect(main(page)).toContainText("Nothing of your values needs a decision.");
  const decided = "keepOrders: # the law\n  enabled: false\nshop:\n  # What the regulars are used to:\n  greeting: Good morning\n";
  await expect(values).toHaveValue(decided);
  await values.fill(`${decided}# Ask Ann before this is changed.\n`);
  await page.getByRole("button", { name: "Plan", exact: true }).click();
  await expect(page.locator("#plan")).toContainText(/2 objects will be changed/);
  await inBothThemes();
  await page.getByRole("button", { name: "Upgrade", exact: true }).click();
  await ended(page);
  expect(listed()).toMatchObject([{ name: "shop", chart: "tea-shop-2.0.0", revision: "2", status: "deployed" }]);
  expect(overrides()).toEqual({ keepOrders: { enabled: false }, shop: { greeting: "Good morning" } });
  await main(page).getByRole("link", { name: "See the release" }).click();
  await page.getByRole("navigation", { name: "Actions" }).getByRole("link", { name: "Upgrade" }).click();
  await expect(values).toHaveValue(`${decided}# Ask Ann before this is changed.\n`);

  await page.goto(`${place.chartroom.url}/releases/test/${place.namespace}/shop/history`);
  await inBothThemes();
  await main(page).getByRole("link", { name: "Roll back to 1" }).click();
  await inBothThemes();
  await page.getByRole("button", { name: "Roll back to revision 1" }).click();
  await ended(page);
  expect(overrides()).toEqual({ greeting: "Good morning", keepOrders: false });
  await main(page).getByRole("link", { name: "See the release" }).click();
  await page.getByRole("navigation", { name: "Actions" }).getByRole("link", { name: "Uninstall" }).click();
  await inBothThemes();
  await page.getByRole("button", { name: "Uninstall shop" }).click();
  await ended(page);
  expect(listed()).toEqual([]);
});
