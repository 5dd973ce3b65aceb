import assert from "node:assert/strict";
import { test } from "node:test";

import { Desk } from "../src/desk.js";

/** A worker whose answers a test gives. */
function worker() {
  const made = { asked: [], isEnded: false, postMessage: (message) => made.asked.push(message), terminate: () => (made.isEnded = true) };
  made.says = (data) => made.onmessage({ data });
  made.answers = (answer) => made.says({ kind: "answered", id: made.asked.at(-1).id, answer });
  return made;
}

async function started() {
  const one = worker();
  const desk = new Desk(async () => one);
  const first = desk.ask("form", { kind: "form" });
  await Promise.resolve();
  await Promise.resolve();
  one.says({ kind: "ready" });
  return { one, desk, first };
}

test("questions are answered one after the other", async () => {
  const { one, desk, first } = await started();
  const second = desk.ask("check", { kind: "check" });
  assert.equal(one.asked.length, 1);
  one.answers("a form");
  assert.equal(await first, "a form");
  one.answers("checked");
  assert.equal(await second, "checked");
  desk.close();
  assert.equal(one.isEnded, true);
});

test("of a channel only the newest question is answered", async () => {
  const { one, desk, first } = await started();
  one.answers("a form");
  await first;
  const asked = ["a", "b", "c"].map((text) => desk.ask("check", { text }));
  const other = desk.ask("hover", {});
  // The first is being answered already, and comes to nothing all the same.
  one.answers("of a");
  assert.equal(await asked[0], undefined);
  assert.equal(await asked[1], undefined);
  assert.equal(one.asked.at(-1).question.text, "c");
  one.answers("of c");
  assert.equal(await asked[2], "of c");
  one.answers("hovered");
  assert.equal(await other, "hovered");
  desk.close();
});

test("a worker that fails leaves nobody waiting, and the next question starts another", async () => {
  const workers = [worker(), worker()];
  const desk = new Desk(async () => workers.shift());
  const [one, two] = workers;
  const first = desk.ask("check", {});
  await Promise.resolve();
  await Promise.resolve();
  one.says({ kind: "ready" });
  one.onerror({});
  assert.equal(await first, undefined);
  const second = desk.ask("check", {});
  await Promise.resolve();
  await Promise.resolve();
  two.says({ kind: "ready" });
  two.answers("checked");
  assert.equal(await second, "checked");
  desk.close();
  assert.equal(await desk.ask("check", {}), undefined);
});

test("a chart that cannot be read answers nothing, once and for all", async () => {
  const one = worker();
  const desk = new Desk(async () => one);
  const first = desk.ask("form", {});
  await Promise.resolve();
  await Promise.resolve();
  one.says({ kind: "failed", why: "no chart" });
  assert.equal(await first, undefined);
  assert.equal(await desk.ask("form", {}), undefined);
});
