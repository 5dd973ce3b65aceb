import assert from "node:assert/strict";
import { test } from "node:test";

import { at, complaint, control, itemFields, itemName, matcher, nameOf, newItem, read, shown, summary } from "../src/fields.js";

const field = (more) => ({ types: [], choices: [], bounds: {}, itemTypes: [], default: null, ...more });

test("every field has the control of its type", () => {
  const cases = [
    [{ types: ["boolean"] }, "switch"],
    [{ types: ["integer", "null"] }, "number"],
    [{ types: ["string"] }, "text"],
    [{ types: ["string"], secret: true }, "secret"],
    [{ types: ["string"], default: "a\nb" }, "long"],
    [{ types: ["string"], choices: ["a", "b"] }, "choice"],
    [{ types: ["array"], itemTypes: ["string"] }, "lines"],
    [{ types: ["array"], default: [{ a: 1 }], itemTypes: ["object"] }, "items"],
    [{ types: ["array"], default: [], itemTypes: ["object"], itemFields: [{ path: ["a"] }] }, "items"],
    [{ types: ["array"], default: [{ a: 1 }, "b"], itemTypes: ["object", "string"] }, "summary"],
    [{ types: ["array"], default: [] }, "summary"],
    [{ types: ["array"], default: [], itemTypes: ["object"] }, "summary"],
    [{ types: ["object"], default: {} }, "summary"],
    [{ types: ["string", "object"] }, "summary"],
    [{ types: ["integer", "string"] }, "text"],
    [{}, "text"],
  ];
  for (const [more, want] of cases) assert.equal(control(field(more)), want, JSON.stringify(more));
});

test("what is typed is read by the field's type, and nothing becomes something else", () => {
  const cases = [
    [["string"], "8080", { value: "8080" }],
    [["string"], "", { value: "" }],
    [["string"], "true", { value: "true" }],
    [["integer"], "8080", { value: 8080 }],
    [["integer"], " 8080 ", { value: 8080 }],
    [["integer"], "0755", { error: "is a whole number" }],
    [["integer"], "1.5", { error: "is a whole number" }],
    [["integer"], "12345678901234567890", { error: "is a whole number" }],
    [["integer"], "", { reset: true }],
    [["number"], "1.5", { value: 1.5 }],
    [["number"], "1.", { error: "is a number" }],
    [["integer", "string"], "80%", { value: "80%" }],
    [["integer", "string"], "80", { value: 80 }],
    [["string", "boolean"], "true", { value: true }],
    [[], "3", { value: 3 }],
    [[], "0755", { value: "0755" }],
    [[], "false", { value: false }],
    [[], "12345678901234567890", { value: "12345678901234567890" }],
    [[], "", { reset: true }],
  ];
  for (const [types, text, want] of cases) assert.deepEqual(read(field({ types }), text), want, `${types}: ${text}`);
});

test("limits are told in words", () => {
  assert.equal(complaint(field({ bounds: { minimum: 1 } }), 0), "is at least 1");
  assert.equal(complaint(field({ bounds: { minimum: 1, exclusiveMinimum: true } }), 1), "is more than 1");
  assert.equal(complaint(field({ bounds: { maximum: 5 } }), 6), "is at most 5");
  assert.equal(complaint(field({ bounds: { minLength: 1 } }), ""), "is not empty");
  assert.equal(complaint(field({ bounds: { maxLength: 1 } }), "😀"), undefined);
  assert.equal(complaint(field({ bounds: { minimum: 1 } }), 1), undefined);
});

test("values are found by paths, and only their own", () => {
  const values = { a: [{ b: null }], "c.d": 1 };
  assert.equal(at(values, ["a", 0, "b"]), null);
  assert.equal(at(values, ["c.d"]), 1);
  for (const path of [["x"], ["a", 1], ["a", 0, "b", "c"], ["constructor"], ["a", "length", "x"]]) assert.equal(at(values, path), undefined);
});

test("lists and mappings are told in a line", () => {
  assert.equal(summary([]), "Empty list");
  assert.equal(summary([{ name: "http" }, { name: "admin" }]), "2 items: http, admin");
  assert.equal(summary([{ a: 1 }]), "1 item");
  assert.equal(summary({ a: 1, b: 2 }), "2 keys: a, b");
  assert.equal(summary({}), "Empty");
  assert.equal(summary(null), "Not set");
  assert.equal(shown("a\nb"), '"a\\nb"');
  assert.equal(shown("x".repeat(99)).length, 60);
});

test("a search finds names and descriptions by all its words", () => {
  const fits = matcher(" tag Image ");
  assert.equal(fits({ name: "image.tag" }), true);
  assert.equal(fits({ name: "tag", description: "of the image" }), true);
  assert.equal(fits({ name: "tag" }), false);
  assert.equal(matcher("  "), undefined);
});

test("items of lists have the fields that are known and those of their own", () => {
  const list = field({ types: ["array"], itemFields: [{ path: ["name"], types: ["string"], required: true }, { path: ["port"], types: ["integer"], default: 80 }] });
  const fields = itemFields(list, { port: 1, extra: [{ a: 1 }], odd: null });
  assert.deepEqual(fields.map((inner) => [inner.path[0], inner.types, control(inner)]), [
    ["name", ["string"], "text"],
    ["port", ["integer"], "number"],
    ["extra", ["array"], "items"],
    ["odd", [], "text"],
  ]);
  assert.deepEqual(newItem(list), { name: "" });
  assert.deepEqual(newItem(field({ itemFields: [{ path: ["port"], types: ["integer"], default: 80 }, { path: ["mode"], choices: ["a"] }, { path: ["more"] }] })), { port: 80, mode: "a" });
  assert.equal(itemName({ port: 80, name: "web" }, 0), "web");
  assert.equal(itemName({ port: 80 }, 0), "80");
  assert.equal(itemName({ on: true }, 2), "Item 3");
});

test("paths have names as --set has them", () => {
  assert.equal(nameOf(["a", "b.c", 0, "d"]), "a.b\\.c[0].d");
  assert.equal(nameOf(["a=b", "c,d", "e[f]"]), "a\\=b.c\\,d.e\\[f\\]");
});
