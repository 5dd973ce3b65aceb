// Charts that mean harm, in the editor: whatever they do, keys are handled meanwhile, what takes too long is ended and
// says why, and typing on goes on as if nothing had been.

import type { Page } from "@playwright/test";

import { packChart } from "../fixtures/archive.ts";
import { type Chartroom, startChartroom, synced } from "../fixtures/chartroom.ts";
import { serveRepository, type TestRepository } from "../fixtures/repository.ts";
import { following } from "../fixtures/tea-shop.ts";
import { expect as soon, hydrated, test } from "../fixtures/test.ts";

/** Clusters, workers and whoever looks at every page take their time. */
const expect = soon.configure({ timeout: 30_000 });

test.describe.configure({ timeout: 300_000 });

let repository: TestRepository;
let chartroom: Chartroom;

const metadata = (name: string) => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\ndescription: Means harm.\n`;

/** Each attack waits for a value, so that the chart itself is a chart like any other. */
const ATTACKS = `{{- define "again" }}{{ include "again" . }}{{ end -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  word: {{ .Values.word | quote }}
  {{- if eq .Values.attack "range" }}
  range: {{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}
  {{- else if eq .Values.attack "include" }}
  include: {{ include "again" . }}
  {{- else if eq .Values.attack "repeat" }}
  repeat: {{ repeat 1000000000 "x" }}
  {{- else if eq .Values.attack "regex" }}
  regex: {{ regexMatch "^(a+)+$" (printf "%sb" (repeat 100000 "a")) }}
  {{- else if eq .Values.attack "tpl" }}
  tpl: {{ tpl .Values.word . }}
  {{- else if eq .Values.attack "passwords" }}
  passwords: {{ range until 10000 }}{{ derivePassword 1 "long" (toString .) "user" "example.com" }}{{ end }}
  {{- else if eq .Values.attack "keys" }}
  keys: {{ range until 1000 }}{{ (genCA (toString .) 1).Cert | len }}{{ end }}
  {{- end }}
`;

/** Ten million million words, were somebody to write them out. */
const LAUGHS = Array.from({ length: 14 }, (_, level) =>
  level === 0 ? "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]" : `a${level}: &a${level} [${Array(10).fill(`*a${level - 1}`).join(", ")}]`,
).join("\n");

const MARKUP = `<img src="x" onerror="alert(1)"> [here](javascript:alert(2)) <script>alert(3)</script>`;

test.beforeAll(async () => {
  const chart = (name: string, files: Record<string, string>) => packChart(name, { "Chart.yaml": metadata(name), ...files });
  const plain = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  word: {{ .Values.word | quote }}\n";
  const choices = Array.from({ length: 100_000 }, (_, n) => `"choice-${n}"`).join(",");
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $ref: "#/$defs/self",
    $defs: { self: { $ref: "#/$defs/self" } },
    properties: {
      word: { type: "string", pattern: "^(a+)+$" },
      far: { $ref: "http://127.0.0.1:1/schema.json" },
      file: { $ref: "file:///etc/passwd" },
      many: "CHOICES",
    },
  };
  repository = await serveRepository([
    chart("attacks", { "values.yaml": "attack: none\nword: hello\n", "templates/map.yaml": ATTACKS }),
    chart("laughs", { "values.yaml": `word: hello\n${LAUGHS}\n`, "templates/map.yaml": plain }),
    chart("schema", {
      "values.yaml": "word: aaa\nfar: 1\nfile: 1\nmany: choice-1\n",
      "values.schema.json": JSON.stringify(schema).replace('"CHOICES"', `{"enum": [${choices}]}`),
      "templates/map.yaml": plain,
    }),
    chart("markup", {
      "values.yaml": `# -- ${MARKUP}\nword: hello\n# -- ${MARKUP}\n'<b onclick="alert(4)">': ${JSON.stringify(MARKUP)}\n`,
      "templates/map.yaml": plain,
      "templates/NOTES.txt": `${MARKUP}\n`,
      "README.md": `# ${MARKUP}\n`,
    }),
  ]);
  chartroom = await startChartroom({ environment: { CHARTROOM__TELEMETRY__LOG: "warn", ...following(repository) } });
  await synced(chartroom.url);
});

test.afterAll(async () => {
  await chartroom?.stop();
  await repository?.close();
});

const text = (page: Page) => page.locator("textarea[name=values]");
const facts = (page: Page) => page.locator("[data-change-facts]");
const problem = (page: Page) => page.locator(".live__problem");

/** Opens the text of a chart's values. */
async function open(page: Page, name: string): Promise<void> {
  await page.goto(`${chartroom.url}/charts/shops/${name}/1.0.0/install`);
  await hydrated(page);
  await expect(page.locator("values-editor[data-live]")).toBeVisible();
  await page.getByRole("tab", { name: "YAML" }).click();
}

async function write(page: Page, values: string): Promise<void> {
  await page.getByRole("textbox", { name: "Values" }).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(values);
}

/** After whatever was, an edit is rendered as ever. */
async function goesOn(page: Page): Promise<void> {
  await write(page, "word: goes on\n");
  await expect(facts(page)).toHaveText(/^\s*1 object/, { timeout: 30_000 });
  await expect(problem(page)).toBeHidden();
  await page.getByRole("tab", { name: /^Manifest/ }).click();
  await expect(page.locator("#live-1 .cm-line").filter({ hasText: "goes on" })).toBeVisible();
}

const SAYS: Record<string, RegExp> = {
  range: /longer than|steps|too much|budget/i,
  include: /too deep|nested|recursion|stack/i,
  repeat: /too large|memory|bytes|too long/i,
  passwords: /longer than|within 8 s/i,
  keys: /longer than|within 8 s|more than \d+ keys/i,
};

for (const [attack, says] of Object.entries(SAYS)) {
  test(`a template that asks for too much is ended, and says why: ${attack}`, async ({ page }) => {
    await open(page, "attacks");
    await expect(facts(page)).toHaveText(/^\s*1 object/, { timeout: 30_000 });
    await write(page, `attack: ${attack}\n`);
    // Keys are text while it works.
    await page.keyboard.type("# abc");
    await expect(text(page)).toHaveValue(`attack: ${attack}\n# abc`);
    await expect(problem(page)).toBeVisible({ timeout: 40_000 });
    await expect(problem(page)).toContainText(says);
    await goesOn(page);
  });
}

test("a regular expression that would take for ever elsewhere takes no time", async ({ page }) => {
  await open(page, "attacks");
  await write(page, "attack: regex\n");
  await expect(facts(page)).toHaveText(/^\s*1 object/, { timeout: 30_000 });
  await page.getByRole("tab", { name: /^Manifest/ }).click();
  await expect(page.locator("#live-1 .cm-line").filter({ hasText: "regex: false" })).toBeVisible();
});

test("values that are templates of themselves end", async ({ page }) => {
  await open(page, "attacks");
  await write(page, "attack: tpl\nword: '{{ tpl .Values.word . }}'\n");
  await expect(problem(page)).toBeVisible({ timeout: 40_000 });
  await goesOn(page);
});

test("values that grow without end are refused at their line, typed or the chart's own", async ({ page }) => {
  await open(page, "attacks");
  await write(page, `word: hello\n${LAUGHS}\n`);
  await page.keyboard.type("# abc");
  await expect(text(page)).toHaveValue(`word: hello\n${LAUGHS}\n# abc`);
  await expect(facts(page)).toContainText(/1 error at line \d+ of the values/, { timeout: 30_000 });
  await goesOn(page);
  await write(page, `word: ${"[".repeat(10_000)}\n`);
  await expect(facts(page)).toContainText("1 error", { timeout: 30_000 });
  await goesOn(page);

  await open(page, "laughs");
  await expect(problem(page)).toContainText("The chart cannot be previewed here", { timeout: 30_000 });
  await write(page, "word: still text\n");
  await expect(text(page)).toHaveValue("word: still text\n");
});

test("a schema that goes in circles, far away and on for ever keeps nobody waiting", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await open(page, "schema");
  await write(page, `word: ${"a".repeat(50_000)}b\n`);
  await page.keyboard.type("# abc");
  await expect(text(page)).toHaveValue(`word: ${"a".repeat(50_000)}b\n# abc`);
  await expect(problem(page)).toBeVisible({ timeout: 40_000 });
  expect(asked.filter((url) => !url.startsWith(chartroom.url))).toEqual([]);
});

test("markup in descriptions, notes and names is text", async ({ page }) => {
  page.on("dialog", (dialog) => {
    throw new Error(`a chart's script ran: ${dialog.message()}`);
  });
  await page.goto(`${chartroom.url}/charts/shops/markup/1.0.0/install`);
  await hydrated(page);
  await expect(page.getByRole("searchbox", { name: "Find a value" })).toBeVisible({ timeout: 30_000 });
  await page.getByRole("button", { name: /^All/ }).click();
  await expect(page.locator(".values-form").getByText('<img src="x" onerror="alert(1)">').first()).toBeVisible();
  await page.getByRole("tab", { name: "Notes" }).click();
  await expect(page.locator(".change__notes")).toContainText("<script>alert(3)</script>");
  await page.getByRole("tab", { name: "YAML" }).click();
  await page.getByRole("textbox", { name: "Values" }).click();
  await page.keyboard.type("wor");
  await expect(page.locator(".cm-completionInfo")).toContainText("<img src=");
  expect(await page.locator('img[src="x"], [onclick], a[href^="javascript:"]').count()).toBe(0);
});
