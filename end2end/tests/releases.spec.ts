// Releases on a real control plane, in a browser: found, understood, changed, removed.

import { installTwice, sampleArchive, workplace, type Workplace } from "../fixtures/cluster.ts";
import { signIn } from "../fixtures/people.ts";
import { expect, hydrated, test } from "../fixtures/test.ts";

test.use({ expectedStatuses: [401, 409] });
test.describe.configure({ mode: "serial", timeout: 300_000 });

let place: Workplace;

test.beforeAll(async () => {
  place = await workplace("pages");
  installTwice(place);
});

test.afterAll(async () => place?.stop());

function address(page = ""): string {
  return `/releases/test/${place.namespace}/web${page}`;
}

test("whoever is not signed in is led to the door and back", async ({ page }) => {
  const answer = await page.request.get(`${place.chartroom.url}/releases`);
  expect(answer.status()).toBe(401);
  await signIn(page, place.chartroom, "alice", "/releases");
  await expect(page).toHaveURL(`${place.chartroom.url}/releases`);
});

test("the list shows what helm installed, and follows what helm does meanwhile", async ({ page, accessible }) => {
  await signIn(page, place.chartroom, "alice", "/releases");
  await hydrated(page);
  const row = page.getByRole("main").getByRole("row").filter({ has: page.getByRole("link", { name: "web", exact: true }) });
  await expect(row).toContainText("hello-web");
  await expect(row).toContainText("deployed");
  await accessible(page);
  place.helm("install", "another", sampleArchive(place));
  await expect(page.getByRole("main").getByRole("link", { name: "another", exact: true })).toBeVisible({ timeout: 20_000 });
  place.helm("uninstall", "another");
  await expect(page.getByRole("main").getByRole("link", { name: "another", exact: true })).toHaveCount(0, { timeout: 20_000 });
});

test("every tab of a release works and is accessible in both themes", async ({ page, accessible }) => {
  await signIn(page, place.chartroom, "alice", address());
  for (const [tab, words] of [
    ["", "Deployment"],
    ["/values", "second"],
    ["/manifest", "kind: Deployment"],
    ["/notes", "web"],
    ["/hooks", "hook"],
    ["/history", "superseded"],
    ["/drift", "Nothing"],
    ["/logs", "log"],
    ["/compare?from=1&to=2", "second"],
  ] as const) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const answer = await page.goto(`${place.chartroom.url}${address(tab)}`);
      expect(answer?.status(), tab).toBe(200);
      await expect(page.getByRole("main"), tab).toContainText(new RegExp(words, "i"));
      await hydrated(page);
      await accessible(page);
    }
  }
});

test("the overview follows its objects, too, of which no record tells", async ({ page }) => {
  place.helm("install", "moving", sampleArchive(place));
  const replicas = (n: number) => place.kubectl("--namespace", place.namespace, "scale", "deployment", "moving-hello-web", `--replicas=${n}`);
  await signIn(page, place.chartroom, "alice", `/releases/test/${place.namespace}/moving`);
  await hydrated(page);
  await expect(page.getByRole("main")).toContainText("2 of 2", { timeout: 60_000 });
  // More than once: the page is fetched again when its stream begins, too.
  for (const n of [3, 4, 5]) {
    replicas(n);
    await expect(page.getByRole("main")).toContainText(`${n} of ${n}`, { timeout: 60_000 });
  }
  place.helm("uninstall", "moving");
});

test("drift is what somebody changed by hand", async ({ page }) => {
  place.helm("install", "scaled", sampleArchive(place));
  place.kubectl("--namespace", place.namespace, "scale", "deployment", "scaled-hello-web", "--replicas=3");
  await signIn(page, place.chartroom, "alice", `/releases/test/${place.namespace}/scaled/drift`);
  await expect(page.getByRole("main")).toContainText("replicas");
  place.helm("uninstall", "scaled");
});

test("a rollback is planned, done, watched, and there for helm", async ({ page }) => {
  await signIn(page, place.chartroom, "alice", address("/rollback?revision=1"));
  await hydrated(page);
  await expect(page.getByRole("main")).toContainText("ConfigMap");
  await page.getByRole("button", { name: "Roll back to revision 1" }).click();
  await expect(page).toHaveURL(/\/operations\//);
  await expect(page.getByRole("main")).toContainText(/Succeeded/, { timeout: 60_000 });
  const history = JSON.parse(place.helm("history", "web", "--output", "json")) as { status: string; description: string }[];
  expect(history.at(-1)).toMatchObject({ status: "deployed", description: "Rollback to 1" });
  expect(place.helm("get", "values", "web")).toContain("first");
});

test("a plan that the cluster has overtaken is not applied, and says what was changed", async ({ page }) => {
  await signIn(page, place.chartroom, "alice", address("/rollback?revision=2"));
  place.helm("rollback", "web", "2", "--wait");
  await page.getByRole("button", { name: "Roll back to revision 2" }).click();
  await expect(page.getByRole("main")).toContainText(/the plan is outdated: revision \d+ was made meanwhile/, { timeout: 60_000 });
  await expect(page.getByRole("main")).toContainText("No object was touched");
});

test("uninstalling names what is lost, and leaves nothing", async ({ page }) => {
  await signIn(page, place.chartroom, "alice", address("/uninstall"));
  await expect(page.getByRole("main")).toContainText("What is lost");
  await page.getByRole("button", { name: "Uninstall web" }).click();
  await expect(page).toHaveURL(/\/operations\//);
  await expect(page.getByRole("main")).toContainText(/Succeeded/, { timeout: 60_000 });
  expect(place.helm("list", "--short").trim()).toBe("");
  expect(place.kubectl("--namespace", place.namespace, "get", "deployments", "--output", "name").trim()).toBe("");
});
