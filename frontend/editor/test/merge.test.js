import assert from "node:assert/strict";
import { test } from "node:test";

import { isFlags } from "../src/intake.js";
import { name } from "../src/merge.js";

test("a path is sent as --set has it", () => {
  assert.equal(name(["controller", "extraArgs", 2, "app.kubernetes.io/name"]), "controller.extraArgs[2].app\\.kubernetes\\.io/name");
  assert.equal(name(["a", 0, 1]), "a[0][1]");
});

test("commands are told from text", () => {
  for (const text of ["helm install x y --set a=1", "--set-string=a=b", "  --set-json 'a=[1]'"]) assert.equal(isFlags(text), true, text);
  for (const text of ["a: 1\nb: 2", "args: --settings x", "x--set a"]) assert.equal(isFlags(text), false, text);
});
