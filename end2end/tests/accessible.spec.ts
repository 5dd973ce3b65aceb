// WCAG 2.2 AA on every kind of page, in both themes.

import { expect, hydrated, test } from "../fixtures/test.ts";

const paths = [
  "/",
  "/charts",
  "/charts/samples",
  "/charts/samples/hello-web",
  "/charts/samples/hello-web/values",
  "/charts/samples/hello-web/templates",
  "/charts/samples/guestbook/crds",
  "/charts/samples/bookshop/dependencies",
  "/charts/samples/hello-web/versions",
  "/charts/samples/hello-web/changelog",
  "/charts/samples/bare",
  "/repositories",
  "/repositories/samples",
  "/no/such/page",
];

for (const scheme of ["light", "dark"] as const) {
  for (const path of paths) {
    test(`${path} (${scheme})`, async ({ page, site, accessible }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(`${site.samplesUrl}${path}`);
      await hydrated(page);
      await accessible(page);
    });
  }
}

test("the skip link is first and leads to the content", async ({ page, site }) => {
  await page.goto(`${site.samplesUrl}/charts`);
  await hydrated(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});
