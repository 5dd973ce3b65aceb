// What the editor of values does besides: lists in the form, links with values, work without a network, what made a line.

import type { Page } from "@playwright/test";

import { expect, hydrated, test } from "../fixtures/test.ts";

const PATH = "/charts/samples/hello-web/1.4.0/install";

async function openForm(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await hydrated(page);
  await expect(page.getByRole("searchbox", { name: "Find a value" })).toBeVisible({ timeout: 30_000 });
  await expect(facts(page)).toHaveText(/^\s*\d+ objects/, { timeout: 30_000 });
}

async function type(page: Page, typed: string): Promise<void> {
  await page.getByRole("tab", { name: "YAML" }).click();
  await page.getByRole("textbox", { name: "Values" }).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(typed);
}

const text = (page: Page) => page.locator("textarea[name=values]");
const facts = (page: Page) => page.locator("[data-change-facts]");
const find = (page: Page, name: string) => page.getByRole("searchbox", { name: "Find a value" }).fill(name);

test("items of a list are added, changed, moved and removed in the form", async ({ page, site, accessible }) => {
  await openForm(page, `${site.samplesUrl}${PATH}`);
  await find(page, "ingress.hosts");
  const hosts = page.getByRole("group", { name: "ingress.hosts" });
  await hosts.getByText("hello.example.com", { exact: true }).click();

  // A default list is written out as a whole, since Helm takes a list or leaves it.
  await page.getByRole("textbox", { name: "host", exact: true }).fill("shop.example.com");
  const one = "ingress:\n  hosts:\n    - host: shop.example.com\n      paths:\n        - path: /\n          pathType: Prefix\n";
  await expect(text(page)).toHaveValue(one);

  await page.getByRole("button", { name: "Add an item to ingress.hosts", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "host", exact: true })).toHaveCount(2);
  await expect(page.getByRole("textbox", { name: "host", exact: true }).nth(1)).toBeFocused();
  await page.keyboard.type("second.example.com");
  await expect(text(page)).toHaveValue(`${one}    - host: "second.example.com"\n`);

  // A comment belongs to its item, and goes where it goes.
  await type(page, `# ours\n${one.replace("    - host", "    # the shop\n    - host")}    - host: second.example.com # new\n`);
  await page.getByRole("tab", { name: "Form" }).click();
  await page.getByRole("button", { name: "Move up: item 2 of ingress.hosts" }).click();
  const moved = "# ours\ningress:\n  hosts:\n    - host: second.example.com # new\n    # the shop\n    - host: shop.example.com\n      paths:\n        - path: /\n          pathType: Prefix\n";
  await expect(text(page)).toHaveValue(moved);
  await expect(page.getByText("second.example.com is item 1 now.")).toBeAttached();
  await accessible(page);

  // Lists in items, too; by keys alone.
  const paths = page.getByRole("group", { name: "paths", exact: true }).last();
  await paths.locator("summary").press("Enter");
  await paths.getByRole("textbox", { name: "path", exact: true }).fill("/shop");
  await expect(text(page)).toHaveValue(moved.replace("path: /\n", "path: /shop\n"));

  await page.getByRole("button", { name: "Remove: item 1 of ingress.hosts", exact: true }).click();
  await expect(text(page)).toHaveValue(moved.replace("    - host: second.example.com # new\n", "").replace("path: /\n", "path: /shop\n"));
  await page.keyboard.press("ControlOrMeta+z");
  await expect(text(page)).toHaveValue(moved.replace("path: /\n", "path: /shop\n"));
});

test("a rendered line tells what it includes, what it reads and why it is there", async ({ page, site }) => {
  await openForm(page, `${site.samplesUrl}${PATH}`);
  await type(page, "nameOverride: shop\ningress:\n  enabled: true\n");
  const origin = page.locator(".origin");
  await page.locator(".live__object").filter({ hasText: "ingress.yaml" }).click();
  await page.locator("#live-1 .cm-line").filter({ hasText: /host: "?hello/ }).first().click();
  await expect(origin.getByRole("button", { name: "ingress.hosts[0].host", exact: true })).toBeVisible();
  await expect(origin.getByRole("button", { name: "ingress.enabled", exact: true })).toBeVisible();
  await expect(origin).toContainText("It reads");
  await expect(origin).toContainText("because of");
  await page.locator("#live-1 .cm-line").filter({ hasText: "app.kubernetes.io/name: shop" }).first().click();
  await expect(origin.getByRole("button", { name: "nameOverride", exact: true })).toBeVisible();
  await expect(origin.locator("figcaption").nth(1)).toContainText("_helpers.tpl");
  await origin.getByRole("button", { name: "nameOverride", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "Values" })).toBeFocused();
});

test("a link brings values, but none over what somebody typed", async ({ page, site, context, browser }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openForm(page, `${site.samplesUrl}${PATH}`);
  await type(page, "replicaCount: 3 # für alle\n");
  await page.getByText("Take along").click();
  await page.getByRole("button", { name: "Copy link with these values" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/\/charts\/samples\/hello-web\/1\.4\.0\/install#values=[\w-]+$/);
  await type(page, "replicaCount: 3\ndb:\n  password: swordfish\n");
  await page.getByText("Take along").click();
  await page.getByRole("button", { name: "Copy link with these values" }).click();
  await expect(page.getByText("There is no link: A value looks secret, and a link may be read by others. Save the values as a file instead.")).toBeVisible();
  await page.keyboard.press("Escape");

  // Here something was typed: it stays until somebody wants the link's.
  const typed = 'replicaCount: 3\ndb:\n  password: ""\n';
  await page.goto("about:blank");
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(link);
  await expect(page.getByText("The link that you opened brings other values than what you typed here.")).toBeVisible();
  await expect(text(page)).toHaveValue(typed);
  expect(new URL(page.url()).hash).toBe("");
  await page.getByRole("button", { name: "Take those of the link" }).click();
  await expect(text(page)).toHaveValue("replicaCount: 3 # für alle\n");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(text(page)).toHaveValue(typed);
  expect(requests.filter((url) => url.includes("values="))).toEqual([]);

  // Where nothing was typed the editor begins with them, and says so.
  const somebody = await browser.newContext();
  const other = await somebody.newPage();
  await other.goto(link);
  await expect(other.getByText("These values came with the link that you opened: read them before you go on.")).toBeVisible();
  await expect(text(other)).toHaveValue("replicaCount: 3 # für alle\n");
  await other.getByRole("button", { name: "Discard them" }).click();
  await expect(text(other)).toHaveValue("");
  await somebody.close();
});

test("once it is loaded, everything goes on without a network", async ({ page, site, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openForm(page, `${site.samplesUrl}${PATH}`);
  await context.setOffline(true);
  await type(page, "service:\n  port: 8123\n");
  await page.getByRole("tab", { name: /^Manifest/ }).click();
  await expect(page.locator(".cm-changed").filter({ hasText: "8123" })).toBeVisible();
  await page.locator("#live-1 .cm-line").filter({ hasText: "port: 8123" }).first().click();
  await expect(page.locator(".origin [data-failing]")).toContainText(".Values.service.port");
  await page.getByRole("tab", { name: /^Difference/ }).click();
  await expect(page.locator(".cm-came").filter({ hasText: "8123" })).toBeVisible();
  await page.getByRole("tab", { name: /^Notes/ }).click();
  await page.getByRole("textbox", { name: "Values" }).click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("rep");
  // By the pointer: right after the list came, Enter is still text.
  await page.getByRole("option", { name: /replicaCount/ }).click();
  await page.keyboard.type("4\npage: none");
  await expect(facts(page)).toContainText("1 error");
  await page.keyboard.press("ControlOrMeta+Shift+k");
  await expect(text(page)).toHaveValue("service:\n  port: 8123\nreplicaCount: 4");
  await expect(facts(page)).toHaveText(/^\s*4 objects/);
  await page.getByRole("tab", { name: "Form" }).click();
  await find(page, "service.port");
  await page.getByRole("textbox", { name: "service.port", exact: true }).fill("81");
  await expect(text(page)).toHaveValue("service:\n  port: 81\nreplicaCount: 4");
  await page.getByText("Take along").click();
  await page.getByRole("button", { name: "Copy HelmRelease (Flux)" }).click();
  await context.setOffline(false);
});

test("objects are found by kind, name and file", async ({ page, site }) => {
  await openForm(page, `${site.samplesUrl}${PATH}`);
  await type(page, "ingress:\n  enabled: true\nautoscaling:\n  enabled: true\n");
  await expect(facts(page)).toHaveText(/^\s*6 objects/);
  const rows = page.locator(".live__objects li:visible");
  const search = page.getByRole("searchbox", { name: "Find an object" });
  await search.fill("ingress hello");
  await expect(rows).toHaveText([/ingress\.yaml/]);
  await expect(page.locator(".live__objects h3:visible")).toHaveText([/Ingress/]);
  await search.fill("hpa.yaml");
  await expect(rows).toHaveCount(1);
  await search.fill("no such object");
  await expect(rows).toHaveCount(0);
  await expect(page.getByText("No object has that.")).toBeAttached();
  await search.fill("");
  await expect(rows).toHaveCount(7);
});

test("the name is checked while it is typed", async ({ page, site }) => {
  await openForm(page, `${site.samplesUrl}${PATH}`);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  await expect(name).toHaveValue("hello-web");
  await name.fill("My shop");
  await expect(name).toHaveAccessibleDescription(/lower-case letters only/);
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await name.fill("my-shop");
  await expect(name).not.toHaveAttribute("aria-invalid");
});
