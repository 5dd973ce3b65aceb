import assert from "node:assert/strict";
import { test } from "node:test";

import { Drafts } from "../src/drafts.js";

function storage() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
    key: (at) => [...kept.keys()][at],
    get length() {
      return kept.size;
    },
  };
}

const at = (shelf, initial, more = {}) => new Drafts("/install", initial, { storage: shelf, now: () => 0, ...more });

test("what was typed is back after a reload, without what looks secret", () => {
  const shelf = storage();
  at(shelf, "").write("a: 1\npassword: swordfish\n");
  assert.ok(!shelf.getItem("chartroom.draft:/install").includes("swordfish"));
  const draft = at(shelf, "").find();
  assert.deepEqual([draft.text, draft.secrets, draft.isForThis], ["a: 1\npassword: \"\"\n", 1, true]);
});

test("a draft of other values is offered and not put over them", () => {
  const shelf = storage();
  at(shelf, "a: 1\n").write("a: 2\n");
  assert.equal(at(shelf, "a: 3\n").find().isForThis, false);
});

test("a draft that has done its work, is old or says nothing is no draft", () => {
  const shelf = storage();
  const first = at(shelf, "");
  first.write("a: 1\n");
  first.sent(true);
  assert.equal(at(shelf, "").find(), undefined);
  // It did not work, and is edited again.
  const again = at(shelf, "a: 1\n", { wasSent: true });
  assert.equal(again.find(), undefined, "the page has it already");
  again.write("a: 2\n");
  assert.equal(at(shelf, "").find().text, "a: 2\n");
  at(shelf, "").write("");
  assert.equal(at(shelf, "").find(), undefined);
  at(shelf, "").write("a: 1\n");
  assert.equal(at(shelf, "", { now: () => 15 * 24 * 3600 * 1000 }).find(), undefined);
});

test("a browser that keeps nothing takes nothing away", () => {
  const broken = { ...storage(), setItem: () => { throw new Error("full"); } };
  const drafts = at(broken, "");
  drafts.write("a: 1\n");
  assert.equal(drafts.find(), undefined);
  assert.equal(new Drafts("/x", "", { storage: undefined, now: () => 0 }).find(), undefined);
});
