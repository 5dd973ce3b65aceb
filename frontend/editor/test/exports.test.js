import assert from "node:assert/strict";
import { test } from "node:test";

import { command, quoted } from "../src/exports.js";

const data = { repository: "stable", repositoryUrl: "https://charts.example.com", chart: "web", version: "1.2.3", archiveUrl: "https://here/archives/web-1.2.3.tgz" };
const fields = (given) => (name) => given[name] ?? "";

test("words are quoted for a shell", () => {
  for (const [word, want] of [["web", "web"], ["a b", "'a b'"], ["$(rm -rf /)", "'$(rm -rf /)'"], ["it's", "'it'\\''s'"], ["", "''"]]) {
    assert.equal(quoted(word), want);
  }
});

test("an installation is a command of helm", () => {
  const field = fields({ name: "shop", namespace: "prod", wait: "true", timeout_secs: "60", labels: "a=b\n c=d \n", create_namespace: "true" });
  assert.equal(
    command({ field, data, text: "a: 1\n" }),
    "helm repo add stable https://charts.example.com\nhelm install shop stable/web \\\n  --version 1.2.3 \\\n  --namespace prod \\\n  --values values.yaml \\\n  --create-namespace \\\n  --wait \\\n  --timeout 60s \\\n  --labels a=b,c=d",
  );
});

test("an upgrade of a chart without a repository elsewhere takes its archive", () => {
  const own = { ...data, repositoryUrl: "", upgrade: "true", release: "shop", namespace: "prod" };
  assert.equal(
    command({ field: fields({ timeout_secs: "300", history_max: "10" }), data: own, text: " \n" }),
    "helm upgrade shop https://here/archives/web-1.2.3.tgz \\\n  --namespace prod \\\n  --reset-values",
  );
});
