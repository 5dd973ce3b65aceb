// The design's colors for CodeMirror: everything is a token of the style sheet, so both themes and their switch just work.

import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const v = (name) => `var(--${name})`;

export const theme = EditorView.theme({
  "&": {
    border: `1px solid ${v("color-line-strong")}`,
    borderRadius: v("radius-m"),
    backgroundColor: v("color-raised"),
    color: v("color-text"),
    fontSize: "0.8125rem",
    overflow: "hidden",
  },
  "&.cm-focused": { outline: "none", borderColor: v("color-accent"), boxShadow: `0 0 0 3px ${v("color-accent-surface")}` },
  ".cm-scroller": { fontFamily: v("font-mono"), fontVariantLigatures: "none", lineHeight: "1.6" },
  ".cm-content": { padding: `${v("space-3")} 0`, caretColor: v("color-accent") },
  ".cm-cursor": { borderLeftColor: v("color-accent"), borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: v("color-raised"), color: v("color-text-muted"), border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "2.25rem", padding: `0 ${v("space-2")}` },
  ".cm-activeLine": { backgroundColor: `color-mix(in oklab, ${v("color-hover")} 55%, transparent)` },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: v("color-accent-line"),
    opacity: "0.55",
  },
  ".cm-selectionMatch": { backgroundColor: v("color-mark") },
  ".cm-searchMatch": { backgroundColor: v("color-mark"), outline: "none" },
  ".cm-searchMatch-selected": { backgroundColor: v("color-accent-line") },
  ".cm-matchingBracket": { backgroundColor: v("color-accent-surface"), outline: `1px solid ${v("color-accent-line")}` },
  ".cm-foldPlaceholder": {
    padding: "0 0.4em",
    border: `1px solid ${v("color-line-strong")}`,
    backgroundColor: v("color-surface"),
    color: v("color-text-muted"),
  },
  ".cm-panels": { backgroundColor: v("color-surface"), color: v("color-text"), fontFamily: v("font-sans") },
  ".cm-panels-bottom": { borderTop: `1px solid ${v("color-line")}` },
  ".cm-panel.cm-search": { padding: `${v("space-2")} ${v("space-3")}`, fontSize: v("text-s") },
  ".cm-panel.cm-search [name=close]": { color: v("color-text-muted"), fontSize: v("text-l") },
  ".cm-textfield": {
    border: `1px solid ${v("color-line-strong")}`,
    borderRadius: v("radius-s"),
    backgroundColor: v("color-raised"),
    fontSize: v("text-s"),
  },
  ".cm-button": {
    border: `1px solid ${v("color-line-strong")}`,
    borderRadius: v("radius-s"),
    backgroundImage: "none",
    backgroundColor: v("color-raised"),
    color: v("color-text"),
    fontSize: v("text-s"),
  },
  ".cm-tooltip": {
    border: `1px solid ${v("color-line")}`,
    borderRadius: v("radius-s"),
    backgroundColor: v("color-raised"),
    boxShadow: v("shadow-float"),
    color: v("color-text"),
    fontFamily: v("font-sans"),
    maxWidth: "min(32rem, 90vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: v("font-mono"), fontSize: "0.75rem", maxHeight: "15rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { display: "flex", alignItems: "baseline", gap: v("space-3"), padding: `${v("space-1")} ${v("space-2")}`, lineHeight: "1.4" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: v("color-accent-surface"), color: v("color-text-strong") },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600", color: v("color-accent") },
  ".cm-completionDetail": { marginLeft: "auto", color: v("color-text-muted"), fontStyle: "normal", fontSize: "0.6875rem" },
  ".cm-tooltip.cm-completionInfo": { padding: "0", maxWidth: "22rem" },
  ".cm-tooltip-hover": { padding: "0" },
  ".cm-diagnosticAction": {
    margin: `${v("space-1")} 0 0`,
    padding: `0 ${v("space-2")}`,
    border: `1px solid ${v("color-line-strong")}`,
    borderRadius: v("radius-s"),
    backgroundColor: v("color-raised"),
    color: v("color-text"),
    fontSize: v("text-xs"),
    lineHeight: "1.5rem",
    display: "block",
  },
  ".cm-diagnostic-warning .cm-diagnosticText": { color: v("color-warn") },
  ".cm-diagnostic-info .cm-diagnosticText": { color: v("color-text") },
  ".cm-lintRange-warning": {
    backgroundImage: "none",
    textDecoration: `underline wavy ${v("color-warn")}`,
    textDecorationSkipInk: "none",
    textUnderlineOffset: "0.2em",
  },
  ".cm-lintRange-info": {
    backgroundImage: "none",
    textDecoration: `underline dotted ${v("color-text-muted")}`,
    textDecorationSkipInk: "none",
    textUnderlineOffset: "0.2em",
  },
  ".cm-lint-marker-warning": { content: "none", width: "8px", height: "8px", margin: "0.4em 0 0 3px", borderRadius: "2px", backgroundColor: v("color-warn") },
  ".cm-lint-marker-info": { content: "none", width: "6px", height: "6px", margin: "0.45em 0 0 4px", borderRadius: "50%", border: `1.5px solid ${v("color-text-muted")}` },
  ".cm-diagnostic": { borderLeft: "none", padding: `${v("space-1")} ${v("space-3")}`, whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  ".cm-diagnosticText": { color: v("color-danger") },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: `underline wavy ${v("color-danger")}`,
    textDecorationSkipInk: "none",
    textUnderlineOffset: "0.2em",
  },
  ".cm-lint-marker-error": { content: "none", width: "8px", height: "8px", margin: "0.4em 0 0 3px", borderRadius: "50%", backgroundColor: v("color-danger") },
  // Of what is beside: lines that came, went, or changed with the last edit.
  ".cm-came": { backgroundColor: v("color-ok-surface") },
  ".cm-went": { backgroundColor: v("color-danger-surface") },
  ".cm-object": { color: v("color-text-muted"), fontWeight: "600" },
  ".cm-changed": { backgroundColor: v("color-accent-surface"), boxShadow: `inset 3px 0 0 ${v("color-accent")}` },
});

export const colors = HighlightStyle.define([
  { tag: [tags.comment, tags.lineComment], color: v("color-code-comment"), fontStyle: "italic" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: v("color-code-key") },
  { tag: [tags.string, tags.special(tags.string)], color: v("color-code-text") },
  { tag: tags.number, color: v("color-code-number") },
  { tag: [tags.bool, tags.null, tags.keyword], color: v("color-code-literal") },
  { tag: [tags.labelName, tags.typeName], color: v("color-code-variable") },
  { tag: [tags.meta, tags.separator, tags.punctuation], color: v("color-text-muted") },
]);
