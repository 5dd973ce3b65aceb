import assert from "node:assert/strict";
import { test } from "node:test";

import { changedLines, lines, objectsOf, objectsOfRevision, patch, withoutSecretData } from "../src/differences.js";

/** Both texts, put together again from their difference. */
function both(difference) {
  const of = (kind) => difference.filter(([other]) => other === "same" || other === kind).map(([, line]) => line);
  return [of("went").join("\n"), of("came").join("\n")];
}

const differing = (difference) => difference.filter(([kind]) => kind !== "same").length;

test("a difference holds both texts and is as short as can be", () => {
  const rows = [
    ["", "", 0],
    ["a\nb\nc", "a\nb\nc", 0],
    ["a\nb\nc", "a\nx\nc", 2],
    ["a\nb\nc\na\nb\nb\na", "c\nb\na\nb\na\nc", 5],
    ["a", "b\na\nc", 2],
    ["x\na\nb", "a\nb", 1],
    ["a\nb\nc\nd", "b\nd\ne", 3],
  ];
  for (const [before, after, n] of rows) {
    const difference = lines(before, after);
    assert.deepEqual(both(difference), [before, after], `${before} and ${after}`);
    assert.equal(differing(difference), n, `${JSON.stringify(before)} and ${JSON.stringify(after)}`);
  }
});

test("texts of a fixed sequence of draws are put together again", () => {
  let state = 7;
  const draw = (n) => (state = (state * 48271) % 2147483647) % n;
  for (let round = 0; round < 300; round++) {
    const text = () => Array.from({ length: draw(12) }, () => "abcd"[draw(4)]).join("\n");
    const [before, after] = [text(), text()];
    assert.deepEqual(both(lines(before, after)), [before, after], JSON.stringify([before, after]));
  }
});

test("texts that have nothing in common are told apart as a whole, and soon", () => {
  const before = Array.from({ length: 30_000 }, (_, at) => `a${at}`).join("\n");
  const after = Array.from({ length: 30_000 }, (_, at) => `b${at}`).join("\n");
  const difference = lines(before, after);
  assert.equal(differing(difference), 60_000);
});

test("lines that an edit changed are counted in the new text", () => {
  assert.deepEqual(changedLines("a\nb\nc", "a\nx\ny\nc"), [2, 3]);
  assert.deepEqual(changedLines("a\nb", "a"), []);
});

test("objects are compared by what they are", () => {
  const manifest = (tag) => `---\n# Source: a\nkind: A\ntag: ${tag}\n---\n# Source: b\nkind: B\n`;
  const summary = (objects) => ({
    objects: objects.map(([kind, manifestLine, nLines]) => ({ kind, name: "x", namespace: "", path: kind, manifestLine, nLines })),
  });
  const before = objectsOf(summary([["A", 3, 2], ["B", 7, 1]]), manifest("1"));
  const after = objectsOf(summary([["A", 3, 2]]), manifest("2"));
  const { text, marks, nObjects } = patch(before, after);
  assert.equal(nObjects, 2);
  assert.equal(text, "# A x\n  kind: A\n- tag: 1\n+ tag: 2\n\n# B x (gone)\n- kind: B");
  assert.deepEqual(marks, ["object", "", "went", "came", "", "object", "went"]);
});

test("an installed revision has the same names, and nothing of a Secret is compared", () => {
  const yaml = "kind: Service\nmetadata:\n  labels:\n    namespace: no\n  name: web\n  namespace: shop\nspec: {}\n";
  const parts = [
    { kind: "Service", name: "web", path: "a", yaml },
    { kind: "ConfigMap", name: "web", path: "b", yaml: "kind: ConfigMap\nmetadata:\n  name: web\ndata:\n  namespace: x\n" },
    { kind: "Secret", name: "s", path: "c", yaml: "data: {}\n" },
  ];
  const objects = objectsOfRevision(parts);
  assert.deepEqual([...objects.keys()], ["Service shop/web", "ConfigMap web", "Secret s"]);
  assert.equal(objects.get("Service shop/web"), yaml.trimEnd());
  const now = withoutSecretData(new Map([["Secret s", "# hidden"]]));
  assert.equal(now.get("Secret s"), objects.get("Secret s"));
});
