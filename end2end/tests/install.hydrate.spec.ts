// Values are edited and what they come to is seen as they are typed; no cluster is needed for that.

import type { Page } from "@playwright/test";

import { expect, hydrated, test } from "../fixtures/test.ts";

const PATH = "/charts/samples/hello-web/1.4.0/install";

/** Goes to the page and waits for the form, which comes first where nothing was typed, and the first render. */
async function openForm(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await hydrated(page);
  await expect(page.getByRole("searchbox", { name: "Find a value" })).toBeVisible({ timeout: 30_000 });
  await expect(page.locator("[data-change-facts]")).toHaveText(/^\s*4 objects/, { timeout: 30_000 });
}

/** The same, and then to the text. */
async function open(page: Page, address: string): Promise<void> {
  await openForm(page, address);
  await page.getByRole("tab", { name: "YAML" }).click();
  await expect(page.getByRole("textbox", { name: "Values" })).toBeVisible();
}

async function type(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Values" }).click();
  await page.keyboard.press("ControlOrMeta+a");
  // Typed over, marked lines are put together by Chromium itself, with a style that it then reports as refused.
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}

const text = (page: Page) => page.locator("textarea[name=values]");
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

test("form and text are two views of one document", async ({ page, site }) => {
  await openForm(page, `${site.samplesUrl}${PATH}`);
  await page.getByRole("tab", { name: "YAML" }).click();
  await type(page, "# ours\nservice:\n  port: 81 # not 80\n");
  await page.getByRole("tab", { name: "Form" }).click();

  // A field changes its own line, and the comment on it stays.
  await page.getByRole("searchbox", { name: "Find a value" }).fill("service.port");
  const port = page.getByRole("textbox", { name: "service.port", exact: true });
  await expect(port).toHaveValue("81");
  await port.fill("8123");
  await expect(text(page)).toHaveValue("# ours\nservice:\n  port: 8123 # not 80\n");
  await page.getByRole("tab", { name: /^Manifest/ }).click();
  await expect(page.locator(".cm-changed").filter({ hasText: "8123" })).toBeVisible();

  // What is new comes behind what the chart has before it, else at the end.
  await page.getByRole("searchbox", { name: "Find a value" }).fill("replicaCount");
  await page.getByRole("textbox", { name: "replicaCount", exact: true }).fill("3");
  await expect(text(page)).toHaveValue("# ours\nservice:\n  port: 8123 # not 80\nreplicaCount: 3\n");

  // One undo for both views.
  await page.keyboard.press("ControlOrMeta+z");
  await expect(text(page)).toHaveValue("# ours\nservice:\n  port: 8123 # not 80\n");
  await expect(page.getByRole("textbox", { name: "replicaCount", exact: true })).toHaveValue("2");
  await page.keyboard.press("ControlOrMeta+Shift+z");
  await expect(page.getByRole("textbox", { name: "replicaCount", exact: true })).toHaveValue("3");
  await page.getByRole("button", { name: "Reset replicaCount to its default" }).click();
  await expect(text(page)).toHaveValue("# ours\nservice:\n  port: 8123 # not 80\n");

  // And back: the text tells the form.
  await page.getByRole("tab", { name: "YAML" }).click();
  await type(page, "replicaCount: 7\n");
  await page.getByRole("tab", { name: "Form" }).click();
  await expect(page.getByRole("textbox", { name: "replicaCount", exact: true })).toHaveValue("7");
  await expect(page.getByRole("button", { name: /^Changed/ })).toHaveText("Changed1");
});

test("the form tells what is wrong at its field, and waits while the text is no YAML", async ({ page, site }) => {
  await openForm(page, `${site.samplesUrl}${PATH}`);
  const replicas = page.getByRole("textbox", { name: "replicaCount", exact: true });
  await replicas.fill("many");
  await expect(replicas).toHaveAttribute("aria-invalid", "true");
  await expect(replicas).toHaveAccessibleDescription(/whole number/);
  await expect(text(page)).toHaveValue("");
  await replicas.fill("5");
  await expect(replicas).not.toHaveAttribute("aria-invalid");
  await expect(text(page)).toHaveValue("replicaCount: 5\n");
  // A default that is typed again needs no entry, once it is settled.
  await replicas.fill("2");
  await replicas.press("Tab");
  await expect(text(page)).toHaveValue("");
  await page.getByRole("tab", { name: "YAML" }).click();
  await type(page, "a: [\n");
  await page.getByRole("tab", { name: "Form" }).click();
  await expect(page.getByText(/cannot be read at line/)).toBeVisible();
  await page.getByRole("button", { name: "Go there" }).click();
  await expect(page.getByRole("textbox", { name: "Values" })).toBeFocused();
});

test("keys and values are completed and explained from the chart", async ({ page, site }) => {
  await open(page, `${site.samplesUrl}${PATH}`);
  await page.getByRole("textbox", { name: "Values" }).click();
  await page.keyboard.type("rep");
  const option = page.getByRole("option", { name: /replicaCount/ });
  await expect(option).toBeVisible();
  await expect(page.locator(".cm-completionInfo")).toContainText("How many pods serve.");
  // CodeMirror takes no Enter from a list in its first 75 ms: nobody had time to read it.
  const shown = await page.evaluate(() => performance.now());
  await page.waitForFunction((shown) => performance.now() > shown + 75, shown);
  await page.keyboard.press("Enter");
  await expect(text(page)).toHaveValue("replicaCount: ");
  await page.keyboard.type("3\nserv");
  await expect(page.getByRole("option", { name: /^service\b/ }).first()).toBeVisible();
  await page.keyboard.press("Escape");
  await page.locator(".cm-content .cm-line").getByText("replicaCount", { exact: true }).hover();
  await expect(page.locator(".cm-tooltip-hover")).toContainText("How many pods serve.");
});

test("what is misspelt is told at its place, and mended by a button", async ({ page, site }) => {
  await open(page, `${site.samplesUrl}${PATH}`);
  await type(page, "replicaCont: 3\n");
  await page.locator(".cm-lintRange-info").hover();
  await page.getByRole("button", { name: "Change it to replicaCount" }).click();
  await expect(text(page)).toHaveValue("replicaCount: 3\n");
});

test("flags that are pasted and files that are dropped become values, and can be undone", async ({ page, site }) => {
  await open(page, `${site.samplesUrl}${PATH}`);
  await type(page, "replicaCount: 3 # ours\n");
  await page.locator(".cm-content").first().evaluate((content) => {
    const data = new DataTransfer();
    data.setData("text/plain", "helm install web ./hello-web --set replicaCount=5,service.port=81");
    content.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(text(page)).toHaveValue("replicaCount: 5 # ours\nservice:\n  port: 81\n");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(text(page)).toHaveValue("replicaCount: 3 # ours\n");
  await page.locator(".cm-content").first().evaluate((content) => {
    const data = new DataTransfer();
    data.items.add(new File(["page:\r\n  title: Dropped\r\n"], "mine.yaml"));
    content.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await expect(text(page)).toHaveValue("page:\n  title: Dropped\n");
  await expect(page.getByText("The values are those of mine.yaml now.")).toBeVisible();
});

test("a rendered line leads to its template and to the values it reads", async ({ page, site }) => {
  await open(page, `${site.samplesUrl}${PATH}`);
  await type(page, "service:\n  port: 8123\n");
  await page.getByRole("tab", { name: /^Manifest/ }).click();
  await page.locator("#live-1 .cm-line").filter({ hasText: "port: 8123" }).first().click();
  await expect(page.locator(".origin [data-failing]")).toContainText(".Values.service.port");
  await page.locator(".origin").getByRole("button", { name: "service.port" }).click();
  await expect(page.getByRole("textbox", { name: "Values" })).toBeFocused();
});

test("a failing template is shown beside the values", async ({ page, site }) => {
  await open(page, `${site.samplesUrl}${PATH}`);
  await type(page, "service: none\n");
  await expect(facts(page)).toContainText("1 error at line 1 of the values");
  await expect(page.locator(".live__problem [data-failing]")).toContainText(".Values.service");
});

test("values are taken along as commands and objects", async ({ page, site, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, `${site.samplesUrl}${PATH}`);
  await type(page, "replicaCount: 3 # ours\n");
  await page.getByText("Take along").click();
  await page.getByRole("button", { name: "Copy helm command" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain("helm install hello-web ");
  expect(copied).toContain("<<'VALUES'\nreplicaCount: 3 # ours\nVALUES\n");
});

test("the editor comes and goes with its page", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/charts/samples/hello-web`);
  await hydrated(page);
  expect(await page.evaluate(() => customElements.get("values-editor") === undefined)).toBe(true);
  await page.getByRole("main").getByRole("link", { name: "Install", exact: true }).click();
  await expect(page.getByRole("tab", { name: "YAML" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("tab", { name: "YAML" })).toHaveCount(0);
  await page.goForward();
  await expect(page.getByRole("tab", { name: "YAML" })).toBeVisible();
});

test("everybody can use it", async ({ page, site, accessible }) => {
  await openForm(page, `${site.samplesUrl}${PATH}`);
  await accessible(page);
  await page.getByRole("tab", { name: "YAML" }).click();
  await accessible(page);
});
