// The text of the values: CodeMirror over the text area, with problems at their lines.

import { completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, redo, undo } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";

import { assistance, diagnostics } from "./assist.js";
import { intake } from "./intake.js";
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
  /** `changed` is told the whole text after every edit; `desk` helps; `taken` are told what comes from elsewhere. */
  constructor(area, { changed, desk, taken }) {
    this.area = area;
    this.remarks = [];
    this.blamed = [];
    const listen = EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      // What was said of another text holds no more; what is marked stays until more is known.
      this.remarks = [];
      const text = this.text();
      area.value = text;
      changed(text);
    });
    const described = area.getAttribute("aria-describedby");
    this.view = new EditorView({
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
          assistance(desk),
          EditorView.domEventHandlers(intake(taken)),
          // Tab leaves the editor, as in every other field.
          keymap.of([...completionKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap]),
          EditorView.contentAttributes.of({
            "aria-label": "Values",
            ...(described ? { "aria-describedby": described } : {}),
          }),
          listen,
        ],
      }),
    });
    // Around it, because what CodeMirror shows cannot be hidden by an attribute.
    this.root = document.createElement("div");
    this.root.className = "change__editor";
    this.root.append(this.view.dom);
    area.after(this.root);
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

  /** One change, as the desk answers it. */
  apply({ from, to, insert }, userEvent) {
    this.view.dispatch({ changes: { from, to, insert }, userEvent });
  }

  undo() {
    undo(this.view);
  }

  redo() {
    redo(this.view);
  }

  lineAt(offset) {
    const { doc } = this.view.state;
    return doc.lineAt(Math.min(Math.max(offset, 0), doc.length)).number;
  }

  goTo(number) {
    const line = this.view.state.doc.line(Math.min(Math.max(number, 1), this.view.state.doc.lines));
    this.view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    this.view.focus();
  }

  /** What the desk says of a text; of another than this one it says nothing. */
  remark(text, remarks) {
    if (this.text() !== text) return;
    this.remarks = remarks;
    this.mark();
  }

  /** Marks what a problem of a render blames, and answers its line; nothing where no line is to blame. */
  blame(problem) {
    const { state } = this.view;
    const line = problem && (problem.valuesLine ?? lineOfValue(state, problem.valuesPath));
    this.blamed = [];
    if (line && line <= state.doc.lines) {
      const place = state.doc.line(line);
      const from = place.from + place.text.search(/\S|$/);
      this.blamed.push({ from, to: Math.max(place.to, from), severity: "error", message: short(problem.message) });
    }
    this.mark();
    return line || undefined;
  }

  /** The line of the first error that the desk told, of this text. */
  errorLine() {
    const error = this.remarks.find(({ severity }) => severity === "error");
    return error && this.lineAt(error.from);
  }

  mark() {
    const { state } = this.view;
    const told = diagnostics(this.remarks, (edit) => this.apply(edit, "input.fix"));
    const isErrorAt = (line) => told.some(({ from, severity }) => severity === "error" && this.lineAt(from) === line);
    // The desk says it better than a render, where both know it.
    const blamed = this.blamed.filter(({ from }) => !isErrorAt(this.lineAt(from)));
    const fits = ({ from, to }) => from <= to && to <= state.doc.length;
    this.view.dispatch(setDiagnostics(state, [...told, ...blamed].filter(fits)));
  }

  close() {
    this.label?.removeEventListener("click", this.focus);
    this.view.destroy();
    this.root.remove();
    this.area.hidden = false;
  }
}

/** Helm's messages repeat where they come from; at the place itself the end is what matters. */
function short(message) {
  const lines = message.trim().split("\n");
  const last = lines.at(-1).trim();
  return last.length > 300 ? `…${last.slice(-300)}` : last;
}
