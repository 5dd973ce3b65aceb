// The same without a script: rules, webhooks and rights are plain forms.

import { type Chartroom, startChartroom } from "../fixtures/chartroom.ts";
import { packChart } from "../fixtures/archive.ts";
import { addUser, signIn } from "../fixtures/people.ts";
import { expect, test } from "../fixtures/test.ts";

let chartroom: Chartroom;

test.use({ expectedStatuses: [400, 404] });

test.beforeAll(async () => {
  chartroom = await startChartroom();
  addUser(chartroom, "root", "--role", "admin");
  addUser(chartroom, "alice");
});

test.afterAll(async () => chartroom.stop());

test("rules, webhooks and rights are decided by plain forms", async ({ page }) => {
  await signIn(page, chartroom, "root", "/repositories/hosted");
  const versions = ["1.0.0", "1.1.0"].map((version) => ({
    name: `web-${version}.tgz`,
    mimeType: "application/gzip",
    buffer: packChart("web", { "Chart.yaml": `apiVersion: v2\nname: web\nversion: ${version}\n` }),
  }));
  await page.getByLabel("Archives to upload").setInputFiles(versions);
  await page.getByRole("button", { name: "Upload", exact: true }).click();

  await page.goto(`${chartroom.url}/repositories/hosted/retention`);
  const newest = page.getByRole("group", { name: "Releases", exact: true }).getByLabel("Keep the newest of each chart");
  await newest.fill("1");
  await page.getByRole("button", { name: "Save and show what goes" }).click();
  await page.getByRole("button", { name: "Delete 1 version, and apply these rules from now on" }).click();
  await expect(page.getByRole("note").first()).toContainText("Deleted 1 version.");

  await page.goto(`${chartroom.url}/repositories/hosted/webhooks`);
  await page.getByLabel("Address").fill("https://ci.example.com/charts");
  await page.getByRole("button", { name: "Add webhook" }).click();
  await expect(page.locator(".new-token")).toContainText("whsec_");

  await page.goto(`${chartroom.url}/repositories/hosted/rights`);
  await page.getByLabel("Called").fill("nobody");
  await page.getByRole("button", { name: "Give right" }).click();
  await expect(page.getByRole("note")).toContainText("does not exist");
  await expect(page.getByLabel("Called"), "what was typed stays").toHaveValue("nobody");
  await page.getByLabel("Called").fill("alice");
  await page.getByRole("button", { name: "Give right" }).click();
  await expect(page.getByRole("row", { name: /alice/ })).toContainText("pull");
});
