// What is decided about hosted repositories in the browser: copies, retention, webhooks, rights; with a script. A
// program for this file alone, and a receiver of webhooks.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";

import { type Chartroom, freePort, startChartroom, until } from "../fixtures/chartroom.ts";
import { packChart } from "../fixtures/archive.ts";
import { addUser, signIn } from "../fixtures/people.ts";
import { expect, test } from "../fixtures/test.ts";

interface Message {
  headers: IncomingHttpHeaders;
  body: string;
}

let chartroom: Chartroom;
let receiver: Server;
let receiverUrl: string;
const messages: Message[] = [];

test.use({ expectedStatuses: [401, 403, 404, 409] });
test.describe.configure({ mode: "serial" });

async function push(tenant: string, version: string): Promise<void> {
  const archive = packChart("web", {
    "Chart.yaml": `apiVersion: v2\nname: web\nversion: ${version}\ndescription: Serves pages.\n`,
  });
  const answer = await fetch(`${chartroom.url}/hosted/api/${tenant}/charts`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from("ci:a long enough one").toString("base64")}` },
    body: new Uint8Array(archive),
  });
  expect(answer.status, await answer.text()).toBe(201);
}

const index = async (tenant: string) => (await fetch(`${chartroom.url}/hosted/${tenant}/index.yaml`)).text();

test.beforeAll(async () => {
  chartroom = await startChartroom({
    environment: {
      CHARTROOM__HOSTED__DEPTH_DYNAMIC: "true",
      CHARTROOM__HOSTED__BASIC_AUTH_USER: "ci",
      CHARTROOM__HOSTED__BASIC_AUTH_PASSWORD: "a long enough one",
      CHARTROOM__HOSTED__WEBHOOK_PRIVATE_HOSTS: '["127.0.0.1"]',
    },
  });
  addUser(chartroom, "root", "--role", "admin");
  addUser(chartroom, "alice");
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) await push("dev", version);
  await push("stable", "0.9.0");
  const port = await freePort();
  receiverUrl = `http://127.0.0.1:${port}/charts`;
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      messages.push({ headers: request.headers, body });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => receiver.listen(port, "127.0.0.1", done));
});

test.afterAll(async () => {
  await chartroom.stop();
  receiver.close();
});

test("a version is promoted into another repository", async ({ page, accessible }) => {
  await signIn(page, chartroom, "root", "/repositories/hosted.dev");
  await page.locator("#chart-web").getByText("web", { exact: true }).first().click();
  await page.getByLabel("Copy web 1.1.0").click();
  await accessible(page);
  await page.getByLabel("Into").and(page.locator("#copy-web-1\\.1\\.0")).selectOption("hosted.stable");
  await page.locator("#copy-web-1\\.1\\.0").locator("xpath=ancestor::form").getByRole("button", { name: "Copy" }).click();
  await expect(page.getByRole("note")).toContainText("Copied byte for byte into hosted.stable.");
  expect(await index("stable")).toContain("web-1.1.0.tgz");
  expect(await index("dev")).toContain("web-1.1.0.tgz");
});

test("what rules come to is shown, and then done", async ({ page, accessible }) => {
  await signIn(page, chartroom, "root", "/repositories/hosted.dev");
  await page.getByRole("link", { name: "Retention rules" }).click();
  await expect(page.getByRole("heading", { name: "Retention rules" })).toBeVisible();
  await page.getByRole("group", { name: "Releases", exact: true }).getByLabel("Keep the newest of each chart").fill("2");
  await page.getByRole("button", { name: "Save and show what goes" }).click();
  await expect(page.getByText("1 version of 3 would be deleted now")).toBeVisible();
  await expect(page.getByRole("row", { name: /web 1\.0\.0/ })).toContainText("2 newer releases; 2 stay");
  expect(await index("dev"), "nothing goes before it is confirmed").toContain("web-1.0.0.tgz");
  await accessible(page);
  // Somebody is faster: what would go is not what was shown.
  await push("dev", "1.3.0");
  const button = page.getByRole("button", { name: "Delete 1 version, and apply these rules from now on" });
  await button.click();
  await expect(page.getByText("is not what was shown")).toBeVisible();
  expect(await index("dev")).toContain("web-1.0.0.tgz");
  await page.getByRole("button", { name: "Delete 2 versions, and apply these rules from now on" }).click();
  await expect(page.getByRole("note").first()).toContainText("Deleted 2 versions.");
  expect(await index("dev")).not.toContain("web-1.0.0.tgz");
  await page.goto(`${chartroom.url}/repositories/hosted.dev`);
  await page.getByRole("button", { name: "Bring web 1.0.0 back" }).click();
  await expect(page.getByText("It is back, as it was.")).toBeVisible();
});

test("a receiver is told, and can tell who says so", async ({ page, accessible }) => {
  await signIn(page, chartroom, "root", "/repositories/hosted.dev/webhooks");
  await page.getByLabel("Address").fill(receiverUrl);
  await page.getByRole("button", { name: "Add webhook" }).click();
  const secret = (await page.locator(".new-token code").first().textContent())?.trim() ?? "";
  expect(secret).toMatch(/^whsec_/);
  await accessible(page);
  await push("dev", "2.0.0");
  await until("a message", async () => messages.length > 0);
  const { headers, body } = messages[0] as Message;
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const want = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64")).update(signed).digest();
  const given = Buffer.from(String(headers["webhook-signature"]).slice("v1,".length), "base64");
  expect(timingSafeEqual(given, want)).toBe(true);
  expect(JSON.parse(body)).toMatchObject({ type: "chart.pushed", data: { tenant: "dev", chart: "web", version: "2.0.0", by: "ci" } });

  await page.goto(`${chartroom.url}/repositories/hosted.dev/webhooks`);
  await page.getByText(receiverUrl, { exact: true }).click();
  await page.getByRole("button", { name: "Send a test" }).click();
  await until("a test", async () => messages.some((message) => message.body.includes("webhook.test")));
  await expect(async () => {
    await page.goto(`${chartroom.url}/repositories/hosted.dev/webhooks?id=1`);
    await expect(page.getByRole("row", { name: /webhook\.test/ })).toContainText("answered 204", { timeout: 1_000 });
  }).toPass();
  await accessible(page);
});

test("a right opens one repository", async ({ page, browser, accessible }) => {
  await signIn(page, chartroom, "root", "/repositories/hosted.dev/rights");
  await page.getByLabel("Called").fill("alice");
  await page.getByLabel("Who may").selectOption("delete");
  await page.getByRole("button", { name: "Give right" }).click();
  await expect(page.getByRole("row", { name: /alice/ })).toContainText("delete");
  await accessible(page);

  const other = await browser.newContext();
  const alice = await other.newPage();
  await signIn(alice, chartroom, "alice", "/repositories/hosted.dev");
  await alice.locator("#chart-web").getByText("web", { exact: true }).first().click();
  await expect(alice.getByRole("button", { name: "Delete web 1.2.0" })).toBeVisible();
  await alice.goto(`${chartroom.url}/repositories/hosted.stable`);
  await alice.locator("#chart-web").getByText("web", { exact: true }).first().click();
  await expect(alice.getByRole("button", { name: /^Delete/ })).toHaveCount(0);
  expect((await alice.goto(`${chartroom.url}/repositories/hosted.dev/rights`))?.status()).toBe(403);
  await other.close();

  await page.getByRole("button", { name: "Take delete from alice" }).click();
  await expect(page.getByText("Nobody has a right here besides what roles allow.")).toBeVisible();
});
