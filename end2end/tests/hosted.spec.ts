// Hosted charts in the browser: several at once, found, deleted, brought back, and one that visitors cannot know of. A
// program for this file alone.

import { type Chartroom, startChartroom } from "../fixtures/chartroom.ts";
import { packChart } from "../fixtures/archive.ts";
import { addUser, signIn } from "../fixtures/people.ts";
import { expect, hydrated, test } from "../fixtures/test.ts";

let chartroom: Chartroom;

test.use({ expectedStatuses: [401, 404] });
test.describe.configure({ mode: "serial" });

const charts = ["heron", "kestrel", "osprey"];

const file = (name: string) => ({
  name: `${name}-1.0.0.tgz`,
  mimeType: "application/gzip",
  buffer: packChart(name, {
    "Chart.yaml": `apiVersion: v2\nname: ${name}\nversion: 1.0.0\ndescription: Watches the ${name}.\n`,
    "templates/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n",
  }),
});

test.beforeAll(async () => {
  chartroom = await startChartroom();
  addUser(chartroom, "root", "--role", "admin");
});

test.afterAll(async () => chartroom.stop());

test("three charts are checked and uploaded at once, and are found", async ({ page, accessible }) => {
  await signIn(page, chartroom, "root", "/repositories");
  await page.getByRole("link", { name: "hosted", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Upload charts" })).toBeVisible();
  await hydrated(page);
  const upload = page.locator("chart-upload");
  await expect(upload.getByRole("button", { name: "Upload", exact: true })).toBeDisabled();
  await upload.getByLabel("Archives to upload").setInputFiles(charts.map(file));
  for (const name of charts) await expect(upload).toContainText(`${name} 1.0.0 can be uploaded`);
  await expect(upload.getByText("It has no icon.")).toHaveCount(3);
  await accessible(page);
  await upload.getByRole("button", { name: "Upload 3 files" }).click();
  await expect(page.getByRole("note")).toContainText("Uploaded.");
  for (const name of charts) await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
  await accessible(page);
  for (const name of charts) {
    await page.goto(`${chartroom.url}/charts?q=${name}`);
    await expect(page.getByRole("main").getByRole("link", { name })).toBeVisible();
  }
});

test("a chart that is there is refused before it is sent", async ({ page }) => {
  await signIn(page, chartroom, "root", "/repositories/hosted");
  await hydrated(page);
  const upload = page.locator("chart-upload");
  await expect(upload.getByRole("button", { name: "Upload", exact: true })).toBeDisabled();
  await upload.getByLabel("Archives to upload").setInputFiles([file("heron")]);
  await expect(upload).toContainText("heron 1.0.0 is here already");
  await expect(upload.getByRole("button", { name: "Upload", exact: true })).toBeDisabled();
});

test("a chart is deleted, and comes back", async ({ page }) => {
  await signIn(page, chartroom, "root", "/repositories/hosted");
  await hydrated(page);
  const chart = page.locator("#chart-kestrel");
  await chart.getByText("kestrel", { exact: true }).first().click();
  await chart.getByRole("button", { name: "Delete kestrel 1.0.0" }).click();
  await expect(page.getByText("Deleted kestrel 1.0.0.")).toBeVisible();
  await expect(page.locator("#chart-kestrel")).toHaveCount(0);
  const index = async () => (await fetch(`${chartroom.url}/hosted/index.yaml`)).text();
  expect(await index()).not.toContain("kestrel");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("It is back, as it was.")).toBeVisible();
  await expect(page.locator("#chart-kestrel")).toHaveCount(1);
  expect(await index()).toContain("kestrel");
});

test("a private chart is nowhere for a visitor", async ({ page, browser }) => {
  await signIn(page, chartroom, "root", "/repositories/hosted");
  await hydrated(page);
  const chart = page.locator("#chart-osprey");
  await chart.getByText("osprey", { exact: true }).first().click();
  await chart.getByRole("button", { name: "Make osprey private" }).click();
  await expect(page.getByText("Private: visitors do not see that it exists.")).toBeVisible();
  await page.goto(`${chartroom.url}/charts/hosted/osprey`);
  await expect(page.getByRole("heading", { name: "osprey" })).toBeVisible();

  const visitor = await browser.newContext();
  const seen = await visitor.newPage();
  await seen.goto(`${chartroom.url}/charts?q=heron`);
  await expect(seen.getByRole("main").getByRole("link", { name: "heron" })).toBeVisible();
  await seen.goto(`${chartroom.url}/charts`);
  await expect(seen.getByRole("main")).not.toContainText("osprey");
  expect((await seen.goto(`${chartroom.url}/charts/hosted/osprey`))?.status()).toBe(404);
  for (const path of [
    "/",
    "/api/v1/charts",
    "/api/v1/charts/suggest?q=ospr",
    "/api/v1/home",
    "/sitemaps/1.xml",
    "/feeds/charts.atom",
    "/feeds/charts/hosted/feed.atom",
    "/hosted/index.yaml",
    "/mirror/index.yaml",
    "/mirror/hosted/index.yaml",
    "/v2/_catalog",
    "/repositories/hosted",
  ]) {
    const answer = await (await fetch(`${chartroom.url}${path}`)).text();
    expect(answer, path).not.toContain("osprey");
  }
  await visitor.close();
});
