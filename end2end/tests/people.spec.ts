// Coming in, an account of one's own, and everybody's: a program for this file alone.

import { type Chartroom, startChartroom } from "../fixtures/chartroom.ts";
import { addUser, password, signIn } from "../fixtures/people.ts";
import { expect, hydrated, test } from "../fixtures/test.ts";

let chartroom: Chartroom;

test.use({ expectedStatuses: [400, 401, 403, 409] });

test.beforeAll(async () => {
  chartroom = await startChartroom({ environment: { CHARTROOM__TELEMETRY__LOG: "info" } });
  addUser(chartroom, "root", "--role", "admin");
  addUser(chartroom, "alice", "--role", "viewer");
});

test.afterAll(async () => chartroom.stop());

test("the first start shows a link by which the first user comes in", async ({ page, accessible }) => {
  const fresh = await startChartroom({ environment: { CHARTROOM__TELEMETRY__LOG: "info" } });
  try {
    const link = /\/setup\?token=[\w-]+/.exec(fresh.log())?.[0];
    expect(link, fresh.log()).toBeTruthy();
    await page.goto(`${fresh.url}${link}`);
    await hydrated(page);
    await accessible(page);
    await page.getByLabel("Name").fill("founder");
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Create and sign in" }).click();
    await expect(page.getByRole("banner")).toContainText("founder");
    const again = await page.goto(`${fresh.url}${link}`);
    expect(again?.status(), "a link works once").toBe(409);
    // A page of a debug build follows the program's starts.
    await page.goto("about:blank");
  } finally {
    await fresh.stop();
  }
});

test("signing in leads back to the page that was wanted, and out again", async ({ page }) => {
  await signIn(page, chartroom, "alice", "/charts?q=web");
  await expect(page).toHaveURL(`${chartroom.url}/charts?q=web`);
  await hydrated(page);
  await page.getByLabel("Account").getByText("alice").first().click();
  await page.getByRole("banner").getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("banner").getByRole("link", { name: "Sign in" })).toBeVisible();
});

test("a wrong password says so and keeps the name", async ({ page }) => {
  await page.goto(`${chartroom.url}/sign-in`);
  await page.getByLabel("Name").fill("alice");
  await page.getByLabel("Password").fill("not the right one");
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("main")).toContainText(/password/i);
  await expect(page.getByLabel("Name")).toHaveValue("alice");
  await expect(page.getByLabel("Password")).toHaveValue("");
});

test("a token is shown once, and opens the API", async ({ page, request, accessible }) => {
  await signIn(page, chartroom, "alice", "/account");
  await hydrated(page);
  await accessible(page);
  await page.getByText("New token").click();
  await page.getByLabel("What it is for").fill("a script");
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByRole("main"), "a token needs a scope").toContainText(/scope/i);
  await page.getByLabel("read the catalog").check();
  await page.getByRole("button", { name: "Create token" }).click();
  const shown = page.getByRole("main").locator("pre").first();
  await expect(shown).toBeVisible();
  const token = ((await shown.textContent()) ?? "").trim();
  const session = `${chartroom.url}/api/v1/session`;
  expect((await request.get(session, { headers: { authorization: `Bearer ${token}` } })).status()).toBe(200);
  await page.goto(`${chartroom.url}/account`);
  await expect(page.getByRole("main")).not.toContainText(token);
  await page.getByRole("button", { name: "Revoke a script" }).click();
  await expect(page.getByRole("button", { name: "Revoke a script" })).toHaveCount(0);
  expect((await request.get(session, { headers: { authorization: `Bearer ${token}` } })).status()).toBe(401);
});

test("an administrator adds a user, gives a role, and reads who did it", async ({ page, accessible }) => {
  await signIn(page, chartroom, "root", "/accounts");
  await hydrated(page);
  await accessible(page);
  await page.getByText("Add a user").click();
  const adding = page.locator("form").filter({ has: page.getByRole("button", { name: "Add user" }) });
  await adding.getByLabel("Name", { exact: true }).fill("carol");
  await adding.getByLabel("First password").fill(password);
  await adding.getByRole("button", { name: "Add user" }).click();
  await expect(page.getByRole("main")).toContainText("carol");
  await page.goto(`${chartroom.url}/audit?actor=root`);
  await hydrated(page);
  await accessible(page);
  await expect(page.getByRole("main")).toContainText("user.create");
  await expect(page.getByRole("main")).toContainText("carol");
});

test("what is not for everybody says so to the others", async ({ page }) => {
  await signIn(page, chartroom, "alice");
  for (const path of ["/accounts", "/audit"]) {
    const answer = await page.request.get(`${chartroom.url}${path}`);
    expect(answer.status(), path).toBe(403);
  }
});
