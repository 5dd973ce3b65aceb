// Every kind of page as a document: valid HTML, and a head that says what crawlers and other sites need; and in a browser,
// no barrier (WCAG 2.2 AA). Pages of releases and of accounts have their own data; pages of charts are also looked at with
// the real READMEs of the conformance charts, which others wrote.

import { type Chartroom, startChartroom, synced } from "../fixtures/chartroom.ts";
import { installTwice, workplace, type Workplace } from "../fixtures/cluster.ts";
import { addUser, signIn } from "../fixtures/people.ts";
import { expect, hydrated, test } from "../fixtures/test.ts";
import { expectValid, htmlFaults } from "../fixtures/valid.ts";

test.use({ expectedStatuses: [400, 401, 403, 404, 409, 410] });

/** What anybody sees, with the types of structured data that a page of this kind has. */
const open: [path: string, status: number, types: string[]][] = [
  ["/", 200, ["WebSite"]],
  ["/charts", 200, []],
  ["/charts?q=web", 200, []],
  ["/charts?q=web&explain=1", 200, []],
  ["/charts?q=helo-wbe", 200, []],
  ["/charts?q=qqqqqqqqqq", 200, []],
  ["/charts?q=kind%3A%20%22&deprecated=true&schema=true&sort=name", 200, []],
  ["/charts/samples", 200, ["BreadcrumbList"]],
  ["/charts/samples/hello-web", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/hello-web/1.4.0", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/hello-web/values", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/hello-web/resources", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/hello-web/templates", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/hello-web/templates/deployment.yaml", 200, []],
  ["/charts/samples/guestbook/crds", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/hello-web/files", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/hello-web/files/values.yaml", 200, []],
  ["/charts/samples/bookshop/dependencies", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/hello-web/dependencies", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/hello-web/versions", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/hello-web/changelog", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/hello-web/compare", 200, []],
  ["/charts/samples/hello-web/compare/1.4.0...1.4.0", 200, []],
  ["/charts/samples/hello-web/install", 200, []],
  ["/charts/samples/common-parts", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/common-parts/install", 409, []],
  ["/charts/samples/old-greeter", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/bare", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/charts/samples/bare/values", 200, ["SoftwareApplication", "BreadcrumbList"]],
  ["/repositories", 200, []],
  ["/repositories?cursor=a", 200, []],
  ["/repositories?cursor=%3C", 400, []],
  ["/repositories/samples", 200, ["BreadcrumbList"]],
  ["/api", 200, []],
  ["/sign-in", 200, []],
  ["/sign-in?to=/charts", 200, []],
  ["/setup", 401, []],
  ["/account", 401, []],
  ["/accounts", 401, []],
  ["/audit", 401, []],
  ["/releases", 401, []],
  ["/charts/samples/no-such-chart", 404, []],
  ["/charts/samples/hello-web/9.9.9", 404, []],
  ["/charts/samples/hello-web/files/no/such/file", 404, []],
  ["/charts/no-such-repository", 404, []],
  ["/repositories/none", 404, []],
  ["/no/such/page", 404, []],
];

for (const [path, status, types] of open) {
  test(`${path} is a valid document`, async ({ page, site }) => {
    const answer = await page.request.get(`${site.samplesUrl}${path}`, { maxRedirects: 0 });
    expect(answer.status()).toBe(status);
    const found = await expectValid(page, answer);
    if (found.isKept) expect(found.types).toEqual(types);
  });

  test(`${path} has no barrier`, async ({ page, site, accessible }) => {
    // The page about the API is long.
    test.setTimeout(180_000);
    await page.goto(`${site.samplesUrl}${path}`);
    await hydrated(page);
    await accessible(page);
  });
}

// The published charts are not everywhere, and then it has been said; the samples are.
test("pages of charts are valid, whatever their READMEs say", async ({ page, site }) => {
  test.setTimeout(600_000);
  const names = [...new Set(site.charts.map((chart) => chart.name))];
  const addresses = [
    ...["hello-web", "guestbook"].map((name) => `${site.samplesUrl}/charts/samples/${name}`),
    ...names.map((name) => `${site.url}/charts/conformance/${name}`),
  ];
  for (const address of addresses) {
    const answer = await page.request.get(address);
    expect(answer.status(), address).toBe(200);
    await expectValid(page, answer);
  }
});

test("every kind of page of a chart with much in it is valid", async ({ page, site }) => {
  test.setTimeout(300_000);
  const large = site.charts.find((chart) => chart.name === "prometheus-operator");
  const chart = large === undefined ? `${site.samplesUrl}/charts/samples/hello-web` : `${site.url}/charts/conformance/${large.name}`;
  for (const tab of ["values", "resources", "templates", "crds", "files", "dependencies", "versions", "changelog", "compare", "install"]) {
    const answer = await page.request.get(`${chart}/${tab}`);
    expect(answer.status(), tab).toBe(200);
    await expectValid(page, answer);
  }
});

test.describe("for users", () => {
  let chartroom: Chartroom;

  test.beforeAll(async () => {
    chartroom = await startChartroom({ environment: { CHARTROOM__TELEMETRY__LOG: "info" } });
    await synced(chartroom.url);
    addUser(chartroom, "root", "--role", "admin");
  });
  test.afterAll(async () => chartroom.stop());

  test("the first start's page, accounts, the audit log and one's own account are valid", async ({ page, accessible }) => {
    const fresh = await startChartroom({ environment: { CHARTROOM__TELEMETRY__LOG: "info" } });
    try {
      const link = /\/setup\?token=[\w-]+/.exec(fresh.log())?.[0];
      await expectValid(page, await page.request.get(`${fresh.url}${link}`));
    } finally {
      await fresh.stop();
    }
    await signIn(page, chartroom, "root");
    for (const path of ["/", "/charts", "/charts/samples/hello-web", "/charts/samples/hello-web/install", "/account", "/accounts", "/audit", "/releases"]) {
      const answer = await page.request.get(`${chartroom.url}${path}`);
      expect(answer.status(), path).toBe(200);
      await expectValid(page, answer);
      await page.goto(`${chartroom.url}${path}`);
      await hydrated(page);
      await accessible(page);
    }
  });

  test("a form that was not accepted is valid, too", async ({ page, accessible }) => {
    await page.goto(`${chartroom.url}/sign-in`);
    await page.getByLabel("Name").fill("root");
    await page.getByLabel("Password").fill("not the right one");
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === "POST"),
      page.getByRole("main").getByRole("button", { name: "Sign in" }).click(),
    ]);
    expect.soft(await htmlFaults(await answer.text())).toEqual([]);
    await hydrated(page);
    await accessible(page);
  });
});

test.describe("of releases", () => {
  test.describe.configure({ timeout: 300_000 });

  let place: Workplace;

  test.beforeAll(async () => {
    place = await workplace("valid");
    installTwice(place);
  });
  test.afterAll(async () => place?.stop());

  test("every page of a release is valid", async ({ page, accessible }) => {
    const release = `/releases/test/${place.namespace}/web`;
    await signIn(page, place.chartroom, "alice", release);
    const tabs = [
      "/values", "/manifest", "/notes", "/hooks", "/history", "/drift", "/logs", "/compare?from=1&to=2",
      "/rollback?revision=1", "/uninstall", "/test", "/upgrade",
    ];
    for (const path of ["/releases", "/releases?q=web&status=deployed", release, ...tabs.map((tab) => release + tab), "/charts/samples/hello-web/install"]) {
      const answer = await page.request.get(`${place.chartroom.url}${path}`);
      expect(answer.status(), path).toBe(200);
      await expectValid(page, answer);
      await page.goto(`${place.chartroom.url}${path}`);
      await hydrated(page);
      await accessible(page);
    }
    await page.goto(`${place.chartroom.url}${release}/rollback?revision=1`);
    await page.getByRole("button", { name: "Roll back to revision 1" }).click();
    await expect(page).toHaveURL(/\/operations\//);
    await expect(page.getByRole("main")).toContainText(/Succeeded/, { timeout: 60_000 });
    await expectValid(page, await page.request.get(page.url()));
    await accessible(page);
  });
});
