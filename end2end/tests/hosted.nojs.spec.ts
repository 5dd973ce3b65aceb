// The same without a script: a form with files, and what is said of each.

import { type Chartroom, startChartroom } from "../fixtures/chartroom.ts";
import { packChart } from "../fixtures/archive.ts";
import { addUser, signIn } from "../fixtures/people.ts";
import { expect, test } from "../fixtures/test.ts";

let chartroom: Chartroom;

test.beforeAll(async () => {
  chartroom = await startChartroom();
  addUser(chartroom, "root", "--role", "admin");
});

test.afterAll(async () => chartroom.stop());

test("files are checked, uploaded, deleted and brought back by plain forms", async ({ page }) => {
  await signIn(page, chartroom, "root", "/repositories/hosted");
  const metadata = "apiVersion: v2\nname: plover\nversion: 1.0.0\n";
  const files = [
    { name: "plover-1.0.0.tgz", mimeType: "application/gzip", buffer: packChart("plover", { "Chart.yaml": metadata }) },
    { name: "broken.tgz", mimeType: "application/gzip", buffer: Buffer.from("no archive") },
  ];
  const field = page.getByLabel("Archives to upload");
  await field.setInputFiles(files);
  await page.getByRole("button", { name: "Only check" }).click();
  const results = page.getByRole("region", { name: "What became of the files" });
  await expect(results).toContainText("Checked: plover 1.0.0 can be uploaded");
  await expect(results).toContainText("It has no description");
  await expect(results).toContainText("Checked: no chart cannot be uploaded");
  await field.setInputFiles(files);
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await expect(results).toContainText("Uploaded as plover 1.0.0");
  await expect(results.getByRole("listitem").filter({ hasText: "broken.tgz" }).first()).toContainText("Not uploaded");
  await page.locator("#chart-plover").getByText("plover", { exact: true }).first().click();
  await page.getByRole("button", { name: "Delete plover 1.0.0" }).click();
  await expect(page.getByText("Deleted plover 1.0.0.")).toBeVisible();
  await page.getByRole("button", { name: "Bring plover 1.0.0 back" }).click();
  await expect(page.getByText("It is back, as it was.")).toBeVisible();
});
