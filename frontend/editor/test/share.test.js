import assert from "node:assert/strict";
import { test } from "node:test";

import { linkTo, refusal, valuesIn } from "../src/share.js";

const PAGE = "https://charts.example.com/charts/a/b/1.0.0/install?cluster=x#plan";

test("a link brings its values back, and keeps nothing else of the address", async () => {
  for (const text of ["", "a: 1\n", "# gr\u00fc\u00dfe \ud83d\ude00\nb: [x, y] # c\n", "x: y\n".repeat(20_000)]) {
    const link = await linkTo(PAGE, text);
    assert.match(link, /^https:\/\/charts\.example\.com\/charts\/a\/b\/1\.0\.0\/install#values=[\w-]*$/);
    assert.equal(await valuesIn(new URL(link).hash), text);
  }
});

test("values that are too long have no link", async () => {
  let state = 1;
  const noise = Array.from({ length: 20_000 }, () => String.fromCharCode(97 + ((state = (state * 48271) % 2147483647) % 26))).join("");
  assert.equal(await linkTo(PAGE, noise), undefined);
});

test("what is no link, or grows without end, brings nothing", async () => {
  for (const hash of ["", "#plan", "#values=", "#values=%%%", "#values=AAAA", "#values=!"]) assert.equal(await valuesIn(hash), undefined, hash);
  const bomb = await linkTo(PAGE, "x".repeat(900_000)).then((link) => new URL(link).hash);
  assert.equal(await valuesIn(bomb), undefined);
});

test("secrets are refused by their names and by their looks", () => {
  assert.equal(refusal("replicas: 1\n", []), undefined);
  assert.match(refusal("x: y\n", ["db.x"]), /^db\.x is secret/);
  assert.match(refusal("password: swordfish\n", []), /^A value looks secret/);
  assert.match(refusal("a:\n  token: x\nurl: https://me:swordfish@host\n", []), /^2 values look secret/);
});
