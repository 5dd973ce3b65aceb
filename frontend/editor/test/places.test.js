import assert from "node:assert/strict";
import { test } from "node:test";

import { yaml } from "@codemirror/lang-yaml";
import { ensureSyntaxTree } from "@codemirror/language";
import { EditorState } from "@codemirror/state";

import { lineOfValue } from "../src/places.js";

const TEXT = `# first
image:
  tag: "1" # mine
hosts:
- name: a
- name: b
  port: 1
"a.b": {c: 1, 'd e': [1, 2]}
empty:
tagged: !!map
  x: 1
`;

function line(path, text = TEXT) {
  const state = EditorState.create({ doc: text, extensions: [yaml()] });
  ensureSyntaxTree(state, text.length, 5_000);
  return lineOfValue(state, path);
}

test("a value is found, or what is nearest around it", () => {
  const rows = [
    [["image", "tag"], 3],
    [["image", "pullPolicy"], 2],
    [["hosts", "1", "port"], 7],
    [["hosts", "0", "name"], 5],
    [["hosts", "9"], 4],
    [["a.b", "c"], 8],
    [["a.b", "d e", "1"], 8],
    [["empty", "x"], 9],
    [["tagged", "x"], 11],
    [["other", "tag"], undefined],
    [[], undefined],
    [undefined, undefined],
  ];
  for (const [path, want] of rows) assert.equal(line(path), want, JSON.stringify(path));
});

test("what is no YAML leads somewhere or nowhere, and never throws", () => {
  for (const text of ["", "a", "a: b: c\n d", "- [", "{", "\t\ta: 1", "---\n---\na: 1\n", "a: &x {b: *x}\n"]) {
    assert.doesNotThrow(() => line(["a", "b", "0"], text), text);
  }
});
