// The whole way of a chart in a browser, on a real control plane: found, edited, looked at, mended, planned, installed,
// upgraded with a conflict, rolled back, removed; and real helm agrees at every stop.

import type { Page } from "@playwright/test";
import { parse } from "yaml";

import { workplace, type Workplace } from "../fixtures/cluster.ts";
import { signIn } from "../fixtures/people.ts";
import type { TestRepository } from "../fixtures/repository.ts";
import { following, serveTeaShop } from "../fixtures/tea-shop.ts";
import { expect as soon, hydrated, test } from "../fixtures/test.ts";

/** Clusters, workers and whoever looks at every page take their time. */
const expect = soon.configure({ timeout: 30_000 });

test.describe.configure({ mode: "serial", timeout: 600_000 });

let repository: TestRepository;
let place: Workplace;

test.beforeAll(async () => {
  repository = await serveTeaShop();
  place = await workplace("journey", following(repository));
});

test.afterAll(async () => {
  await place?.stop();
  await repository?.close();
});

/** What somebody wants of the first version, as it is typed. */
const WISHES = `# Two, because of the holidays.
replicaCount: 2
# What the regulars are used to:
greeting: Good morning
keepOrders: false # the law
`;

const text = (page: Page) => page.locator("textarea[name=values]");
const facts = (page: Page) => page.locator("[data-change-facts]");
const main = (page: Page) => page.getByRole("main");

/** Fails when the document was loaded anew since it was called. */
async function withoutReload(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => Object.assign(window, { stillHere: true }));
  return async () => expect(await page.evaluate(() => "stillHere" in window), "the document was not loaded anew").toBe(true);
}

/** Looks at the page in both themes. */
async function inBothThemes(page: Page, accessible: (page: Page) => Promise<void>): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    await accessible(page);
  }
}

/** Goes to an element by Tab alone. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let n = 0; n < 80; n++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => (document.activeElement as HTMLElement | null)?.innerText?.trim());
    if (focused === name) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

/** Waits for the end of the operation whose page this is; the page follows it by itself. */
async function followed(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/operations\//);
  await hydrated(page);
  const stayed = await withoutReload(page);
  await expect(main(page).getByRole("status").first()).toContainText("Succeeded", { timeout: 60_000 });
  await stayed();
}

/** What helm says that the user has set. */
function overrides(): unknown {
  return parse(place.helm("get", "values", "shop", "--output", "yaml"));
}

interface Listed {
  name: string;
  chart: string;
  revision: string;
  status: string;
}

function listed(): Listed[] {
  return JSON.parse(place.helm("list", "--output", "json")) as Listed[];
}

test("found by search, edited in form and text, planned, installed and watched", async ({ page, accessible }) => {
  const streams: string[] = [];
  page.on("request", (request) => request.resourceType() === "eventsource" && streams.push(request.url()));

  await signIn(page, place.chartroom, "alice");
  await page.goto(place.chartroom.url);
  await hydrated(page);
  await inBothThemes(page, accessible);
  // By keys alone to the form: the search, the only hit, and its button.
  await page.keyboard.press("/");
  await page.keyboard.type("pot of tea");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/charts\?q=pot/);
  await expect(main(page).getByRole("link", { name: "tea-shop" }).first()).toBeVisible();
  await inBothThemes(page, accessible);
  await tabTo(page, "tea-shop");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("tea-shop");
  await page.goto(`${place.chartroom.url}/charts/shops/tea-shop/1.0.0`);
  await hydrated(page);
  await inBothThemes(page, accessible);
  await tabTo(page, "Install");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/charts\/shops\/tea-shop\/1\.0\.0\/install$/);
  await expect(page.getByRole("searchbox", { name: "Find a value" })).toBeVisible({ timeout: 30_000 });
  await expect(facts(page)).toHaveText(/^\s*3 objects/, { timeout: 30_000 });
  await inBothThemes(page, accessible);

  // In the form.
  await page.getByRole("textbox", { name: "replicaCount", exact: true }).fill("2");
  await expect(text(page)).toHaveValue("replicaCount: 2\n");
  await page.getByRole("tab", { name: /^Manifest/ }).click();
  await expect(page.locator(".cm-changed").filter({ hasText: "replicas: 2" })).toBeVisible();

  // In the text, where it is wrong at first.
  await page.getByRole("tab", { name: "YAML" }).click();
  await page.getByRole("textbox", { name: "Values" }).click();
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.insertText("# Two, because of the holidays.\n");
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.insertText("# What the regulars are used to:\ngreeting: [Good morning\nkeepOrders: false # the law\n");
  await expect(facts(page)).toContainText(/1 error at line [45] of the values/);
  await expect(page.locator(".cm-lintRange-error").first()).toBeVisible();
  await inBothThemes(page, accessible);
  await page.getByRole("button", { name: /^Go to line [45] of the values$/ }).click();
  await expect(page.getByRole("textbox", { name: "Values" })).toBeFocused();
  // To the bracket and away with it, by keys.
  await page.keyboard.press("ControlOrMeta+Home");
  for (let line = 1; line < 4; line++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  for (let letter = 0; letter < "Good morning".length; letter++) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Backspace");
  await expect(text(page)).toHaveValue(WISHES);
  await expect(facts(page)).toHaveText(/^\s*3 objects/);
  await expect(page.locator(".cm-lintRange-error")).toHaveCount(0);
  await page.getByRole("tab", { name: /^Difference/ }).click();
  await expect(page.locator(".cm-came").filter({ hasText: "Good morning" })).toBeVisible();

  // Planned, by Tab and Enter.
  await page.getByLabel("Name", { exact: true }).fill("shop");
  await expect(page.getByLabel("Namespace")).toHaveValue(place.namespace);
  await page.getByText("Options", { exact: true }).click();
  await page.getByLabel("Wait until the objects are ready").check();
  await tabTo(page, "Plan");
  await page.keyboard.press("Enter");
  await expect(page.locator("#plan")).toContainText("3 objects will be created");
  await expect(text(page)).toHaveValue(WISHES);
  await hydrated(page);
  await inBothThemes(page, accessible);
  expect(listed(), "a plan changes nothing").toEqual([]);

  // Installed, and watched.
  await page.getByRole("button", { name: "Install", exact: true }).click();
  await followed(page);
  expect(streams.length, "the page follows a stream of events").toBeGreaterThan(0);
  await expect(main(page)).toContainText("shop-words");
  await inBothThemes(page, accessible);
  await main(page).getByRole("link", { name: "See the release" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("shop");
  await expect(main(page)).toContainText("2 of 2", { timeout: 120_000 });
  await hydrated(page);
  await inBothThemes(page, accessible);

  expect(listed()).toMatchObject([{ name: "shop", chart: "tea-shop-1.0.0", revision: "1", status: "deployed" }]);
  expect(overrides()).toEqual({ replicaCount: 2, greeting: "Good morning", keepOrders: false });
});

test("a comment is added, and a newer version needs a decision", async ({ page, accessible }) => {
  await signIn(page, place.chartroom, "alice", `/releases/test/${place.namespace}/shop`);
  await hydrated(page);
  await page.getByRole("navigation", { name: "Actions" }).getByRole("link", { name: "Upgrade" }).click();
  await expect(page).toHaveURL(/\/upgrade\?version=2\.0\.0$/);
  const merge = page.locator("[data-merge]");
  await expect(merge).toContainText("From 1.0.0 to 2.0.0");
  await hydrated(page);
  // What is certain was done, with its comment; what is not is listed.
  const moved = `# Two, because of the holidays.
replicaCount: 2
keepOrders: false # the law
shop:
  # What the regulars are used to:
  greeting: Good morning
`;
  await expect(text(page)).toHaveValue(moved);
  await expect(merge).toContainText("greeting is shop.greeting now. Your value has moved there.");
  await expect(merge).toContainText("1 of your values needs a decision.");
  await expect(page.locator("values-editor[data-live]")).toBeVisible();
  // The chart cannot do with the old type, and says so where it is set.
  await expect(facts(page)).toContainText("1 error at line 3 of the values", { timeout: 30_000 });
  await inBothThemes(page, accessible);

  await page.getByRole("tab", { name: "YAML" }).click();
  await page.getByRole("textbox", { name: "Values" }).click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.insertText("# Ask Ann before this is changed.\n");
  await merge.getByRole("button", { name: 'Make it {"enabled":false}' }).click();
  const decided = `# Two, because of the holidays.
replicaCount: 2
keepOrders: # the law
  enabled: false
shop:
  # What the regulars are used to:
  greeting: Good morning
# Ask Ann before this is changed.
`;
  await expect(text(page)).toHaveValue(decided);
  await expect(merge).toContainText("Nothing of your values needs a decision.");
  await expect(facts(page)).toHaveText(/^\s*3 objects/);
  await page.getByRole("tab", { name: /^Difference/ }).click();
  await expect(page.locator(".cm-came").filter({ hasText: "days:" })).toBeVisible();
  await page.getByRole("button", { name: "Plan", exact: true }).click();
  await expect(page.locator("#plan")).toContainText(/2 objects will be changed/);
  await expect(text(page)).toHaveValue(decided);
  await hydrated(page);
  await inBothThemes(page, accessible);
  await page.getByRole("button", { name: "Upgrade", exact: true }).click();
  await followed(page);

  expect(listed()).toMatchObject([{ name: "shop", chart: "tea-shop-2.0.0", revision: "2", status: "deployed" }]);
  expect(overrides()).toEqual({ replicaCount: 2, keepOrders: { enabled: false }, shop: { greeting: "Good morning" } });
  await page.goto(`${place.chartroom.url}/releases/test/${place.namespace}/shop/values`);
  await hydrated(page);
  await expect(main(page)).toContainText("# Ask Ann before this is changed.");
  await inBothThemes(page, accessible);
  await page.goto(`${place.chartroom.url}/releases/test/${place.namespace}/shop/upgrade`);
  await expect(text(page)).toHaveValue(decided);
});

test("rolled back, with what was typed then", async ({ page, accessible }) => {
  await signIn(page, place.chartroom, "alice", `/releases/test/${place.namespace}/shop/history`);
  await hydrated(page);
  await inBothThemes(page, accessible);
  await main(page).getByRole("link", { name: "Roll back to 1" }).click();
  await expect(page.getByRole("button", { name: "Roll back to revision 1" })).toBeVisible();
  await inBothThemes(page, accessible);
  await page.getByRole("button", { name: "Roll back to revision 1" }).click();
  await followed(page);
  expect(listed()).toMatchObject([{ chart: "tea-shop-1.0.0", revision: "3", status: "deployed" }]);
  expect(overrides()).toEqual({ replicaCount: 2, greeting: "Good morning", keepOrders: false });
  await page.goto(`${place.chartroom.url}/releases/test/${place.namespace}/shop/upgrade?version=1.0.0`);
  await expect(text(page)).toHaveValue(WISHES);
});

test("uninstalled, and nothing is left", async ({ page, accessible }) => {
  await signIn(page, place.chartroom, "alice", `/releases/test/${place.namespace}/shop`);
  await hydrated(page);
  await page.getByRole("navigation", { name: "Actions" }).getByRole("link", { name: "Uninstall" }).click();
  await expect(main(page)).toContainText("What is lost");
  await inBothThemes(page, accessible);
  await page.getByRole("button", { name: "Uninstall shop" }).click();
  await followed(page);
  expect(listed()).toEqual([]);
  expect(place.kubectl("--namespace", place.namespace, "get", "deployments,services", "--output", "name").trim()).toBe("");
});
