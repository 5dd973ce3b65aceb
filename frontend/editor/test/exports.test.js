import assert from "node:assert/strict";
import { test } from "node:test";

import { options, target } from "../src/exports.js";

const state = (fields, data) => ({
  field: (name) => fields[name] ?? "",
  data: { repository: "stable", repositoryUrl: "https://charts.example.com", chart: "nginx", version: "1.2.3", archiveUrl: "http://here/nginx-1.2.3.tgz", ...data },
});

test("a chart is told by its repository, or by its archive where there is none", () => {
  assert.deepEqual(target(state({ name: "web", namespace: "shop" })), {
    release: "web",
    namespace: "shop",
    chart: "nginx",
    version: "1.2.3",
    source: { kind: "http", name: "stable", url: "https://charts.example.com" },
  });
  assert.deepEqual(target(state({}, { repositoryUrl: "oci://registry.example.com/charts" })).source, {
    kind: "oci",
    url: "oci://registry.example.com/charts",
  });
  assert.deepEqual(target(state({}, { repositoryUrl: undefined })).source, { kind: "archive", url: "http://here/nginx-1.2.3.tgz" });
  const upgrade = target(state({}, { release: "web", namespace: "shop" }));
  assert.deepEqual([upgrade.release, upgrade.namespace], ["web", "shop"]);
});

test("options are told where they are not helm's own", () => {
  const plain = options(state({ timeout_secs: "300", history_max: "10" }));
  assert.deepEqual([plain.timeoutSecs, plain.historyMax, plain.wait, plain.description, plain.labels], [null, null, false, null, []]);
  const told = options(state({ timeout_secs: " 60 ", history_max: "0", wait: "true", description: "why", labels: "a=b\n\n c=d \n" }));
  assert.deepEqual([told.timeoutSecs, told.historyMax, told.wait, told.description, told.labels], [60, 0, true, "why", ["a=b", "c=d"]]);
  assert.equal(options(state({ timeout_secs: "5m" })).timeoutSecs, null);
});
