// The same without a script: forms that the server answers.

import { expect, test } from "../fixtures/test.ts";

test("a visitor looks at what a chart comes to", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/charts/samples/hello-web`);
  await page.getByRole("main").getByRole("link", { name: "Install", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Install hello-web");
  const values = page.getByRole("textbox", { name: "Values" });
  await values.fill("service:\n  port: 8123\n");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("status")).toHaveText(/4 objects/);
  await expect(values).toHaveValue("service:\n  port: 8123\n");
  await values.fill("service: none\n");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("main")).toContainText("It does not render");
  await expect(page.getByRole("status")).toContainText("1 error at line 1 of the values");
});
