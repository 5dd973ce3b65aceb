import assert from "node:assert/strict";
import { test } from "node:test";

import { complaintOfName, complaintOfNamespace } from "../src/names.js";

test("names are what Kubernetes and Helm take", () => {
  for (const name of ["", "a", "web-1", "1a", "a.b", "a".repeat(53)]) assert.equal(complaintOfName(name), undefined, name);
  for (const name of ["a".repeat(54), "Web", "a b", "a_b", "-a", "a-", "a..b", ".a", "a.-b", "ä"]) assert.ok(complaintOfName(name), name);
  assert.match(complaintOfName("a b"), /no blank/);
  assert.match(complaintOfName("a_b"), /no "_"/);
  for (const name of ["", "a", "shop-1", "a".repeat(63)]) assert.equal(complaintOfNamespace(name), undefined, name);
  for (const name of ["a".repeat(64), "A", "a.b", "-a", "a-"]) assert.ok(complaintOfNamespace(name), name);
});
