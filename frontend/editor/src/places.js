// Where in the text a value is.

import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";

/** Finding a line is not worth a longer wait. */
const PATIENCE_MS = 250;

/**
 * The line, from 1, that sets the value at a path, or the nearest table around it that the text has; nothing where not
 * even the first key is there. Items of lists are steps of digits.
 */
export function lineOfValue(state, path) {
  if (!path || path.length === 0) return undefined;
  // A busy machine may not have read the whole text yet.
  let node = (ensureSyntaxTree(state, state.doc.length, PATIENCE_MS) ?? syntaxTree(state)).topNode;
  let found;
  for (const step of path) {
    const next = child(state, node, step);
    if (!next) break;
    found = next.from;
    node = next.value;
    if (!node) break;
  }
  return found === undefined ? undefined : state.doc.lineAt(found).number;
}

function child(state, node, step) {
  const container = within(node);
  if (!container) return undefined;
  if (/Sequence$/.test(container.name)) {
    const items = container.getChildren("Item");
    const item = items[Number(step)];
    return item && { from: item.from, value: item.lastChild };
  }
  for (const pair of container.getChildren("Pair")) {
    const key = pair.getChild("Key");
    if (key && plain(state.sliceDoc(key.from, key.to)) === step) {
      const value = pair.lastChild;
      return { from: key.from, value: value && value.name !== "Key" ? value : undefined };
    }
  }
  return undefined;
}

/** The mapping or the list in a node, behind documents, tags and anchors. */
function within(node) {
  for (let at = node; at; at = at.name === "Stream" ? at.getChild("Document") : inner(at)) {
    if (/(Mapping|Sequence)$/.test(at.name)) return at;
  }
  return undefined;
}

function inner(node) {
  for (let at = node.firstChild; at; at = at.nextSibling) {
    if (/(Mapping|Sequence|Document)$/.test(at.name)) return at;
  }
  return undefined;
}

function plain(key) {
  const text = key.trim();
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  return quoted ? quoted[2] : text;
}
