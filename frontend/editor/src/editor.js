// The text of the values: CodeMirror over the text area, with problems at their lines.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";

import { lineOfValue } from "./places.js";
import { colors, theme } from "./theme.js";

/** What every editor and viewer of the page has; numbers only where they are those of a text that there is. */
export function basics({ isNumbered = true } = {}) {
  const nonce = document.querySelector("script[nonce]")?.nonce;
  return [
    nonce ? EditorView.cspNonce.of(nonce) : [],
    isNumbered ? lineNumbers() : [],
    highlightSpecialChars(),
    yaml(),
    syntaxHighlighting(colors),
    theme,
    EditorState.tabSize.of(2),
    EditorState.phrases.of({ "Fold line": "Fold", "Unfold line": "Unfold" }),
  ];
}

export class Editor {
  /** `changed` is told the whole text after every edit. */
  constructor(area, changed) {
    this.area = area;
    const listen = EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      const text = this.text();
      area.value = text;
      changed(text);
    });
    const described = area.getAttribute("aria-describedby");
    this.view = new EditorView({
      parent: area.parentElement,
      state: EditorState.create({
        doc: area.value,
        extensions: [
          ...basics(),
          foldGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          indentUnit.of("  "),
          bracketMatching(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          lintGutter(),
          // Tab leaves the editor, as in every other field.
          keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap]),
          EditorView.contentAttributes.of({
            "aria-label": "Values",
            ...(described ? { "aria-describedby": described } : {}),
          }),
          listen,
        ],
      }),
    });
    area.after(this.view.dom);
    area.hidden = true;
    // A label leads to what it labels, whatever stands in for it.
    const label = document.querySelector(`label[for="${area.id}"]`);
    this.focus = () => this.view.focus();
    label?.addEventListener("click", this.focus);
    this.label = label;
  }

  text() {
    return this.view.state.doc.toString();
  }

  /** Another text; it can be undone. */
  replace(text) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  goTo(number) {
    const line = this.view.state.doc.line(Math.min(Math.max(number, 1), this.view.state.doc.lines));
    this.view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    this.view.focus();
  }

  /** Marks what a problem blames, and answers its line; nothing where no line is to blame. */
  blame(problem) {
    const { state } = this.view;
    const line = problem && (problem.valuesLine ?? lineOfValue(state, problem.valuesPath));
    const diagnostics = [];
    if (line && line <= state.doc.lines) {
      const place = state.doc.line(line);
      const start = place.from + place.text.search(/\S|$/);
      diagnostics.push({ from: start, to: Math.max(place.to, start), severity: "error", message: short(problem.message) });
    }
    this.view.dispatch(setDiagnostics(state, diagnostics));
    return line || undefined;
  }

  close() {
    this.label?.removeEventListener("click", this.focus);
    this.view.destroy();
    this.area.hidden = false;
  }
}

/** Helm's messages repeat where they come from; at the place itself the end is what matters. */
function short(message) {
  const lines = message.trim().split("\n");
  const last = lines.at(-1).trim();
  return last.length > 300 ? `…${last.slice(-300)}` : last;
}
