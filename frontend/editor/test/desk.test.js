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

/** Everything that promises have to do just now. */
async function settled() {
  for (let n = 0; n < 8; n++) await Promise.resolve();
}

test("a question that takes too long ends its worker and says why, and a channel that does so twice is left alone", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const workers = [];
  const said = [];
  const desk = new Desk(async () => workers[workers.push(worker()) - 1], (why) => said.push(why));
  for (let n = 0; n < 2; n++) {
    const asked = desk.ask("merge", {});
    await settled();
    workers[n].says({ kind: "ready" });
    t.mock.timers.tick(4_999);
    assert.equal(workers[n].isEnded, false);
    t.mock.timers.tick(1);
    assert.equal(workers[n].isEnded, true);
    assert.equal(await asked, undefined);
  }
  assert.match(said[0], /more than 5 s, so it was ended.*tried again/);
  assert.match(said[1], /more than 5 s, so it was ended.*all the same\.$/);
  assert.equal(await desk.ask("merge", {}), undefined);
  assert.equal(workers.length, 2, "nobody is asked a third time");
  // The other channels go on.
  const checked = desk.ask("check", {});
  await settled();
  workers[2].says({ kind: "ready" });
  workers[2].answers("checked");
  assert.equal(await checked, "checked");
});

test("a chart that cannot be read in time is read once", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const [said, one] = [[], worker()];
  const desk = new Desk(async () => one, (why) => said.push(why));
  const asked = desk.ask("form", {});
  await settled();
  t.mock.timers.tick(60_000);
  assert.equal(one.isEnded, true);
  assert.equal(await asked, undefined);
  assert.match(said[0], /within 60 s/);
  assert.equal(await desk.ask("form", {}), undefined);
});

test("a worker that broke down is replaced", async () => {
  const workers = [];
  const desk = new Desk(async () => workers[workers.push(worker()) - 1]);
  const asked = desk.ask("check", {});
  await settled();
  workers[0].says({ kind: "ready" });
  workers[0].says({ kind: "failed", id: 1, why: "unreachable" });
  assert.equal(await asked, undefined);
  assert.equal(workers[0].isEnded, true);
  const again = desk.ask("check", {});
  await settled();
  workers[1].says({ kind: "ready" });
  workers[1].answers("checked");
  assert.equal(await again, "checked");
});
