// What another version of the chart means for the values, decided in place: the same list as the server's, kept up to
// date while somebody edits.

import { element, icon, prose } from "./element.js";
import { count } from "./words.js";

const PAUSE_MS = 250;

export class Merge {
  /** `place` is the section that the server made; `editor` has the text. */
  constructor(place, { desk, editor, open }) {
    Object.assign(this, { place, desk, editor, open });
    this.list = place.querySelector("[data-merge-open]");
    this.field = place.querySelector("[data-merge-kept]");
    this.kept = new Set(this.field.value.split("\n").filter(Boolean));
    this.before = [...this.list.childNodes];
    this.list.setAttribute("aria-live", "polite");
  }

  /** Looks once nobody has typed for a moment: two versions of a large chart take their time. */
  soon(text) {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.check(text), this.shown === undefined ? 0 : PAUSE_MS);
  }

  async check(text) {
    const found = await this.desk.ask("merge", { kind: "merge", text });
    // While the text cannot be read, what was true before is the best there is.
    if (!Array.isArray(found) || this.editor.text() !== text) return;
    const open = found.filter((finding) => !this.kept.has(name(finding.path)));
    const key = JSON.stringify(open.map(({ sentence, choices }) => [sentence, choices]));
    if (key === this.shown) return;
    this.shown = key;
    this.show(open);
  }

  show(findings) {
    const conflicts = findings.filter((finding) => finding.isConflict);
    const notes = findings.filter((finding) => !finding.isConflict);
    const n = conflicts.length;
    const lead =
      n === 0 ? "Nothing of your values needs a decision." : n === 1 ? "1 of your values needs a decision." : `${n} of your values need a decision.`;
    const isOpen = this.list.querySelector("details")?.open ?? false;
    const parts = [element("p", { className: "merge__lead" }, lead)];
    if (n > 0) parts.push(this.rows(conflicts));
    if (notes.length > 0) {
      const summary = element("summary", {}, `${count(notes.length, "more thing")} to know`);
      parts.push(element("details", { className: "disclosure", open: isOpen }, summary, this.rows(notes)));
    }
    const hadFocus = this.list.contains(document.activeElement);
    this.list.replaceChildren(...parts);
    if (hadFocus) (this.list.querySelector(".merge__choices button, .merge__line") ?? this.editor.view).focus();
  }

  rows(findings) {
    return element("ul", { className: "merge__list" }, ...findings.map((finding) => this.row(finding)));
  }

  row(finding) {
    const words = element("p", {}, ...prose(finding.sentence), " ");
    if (finding.at !== null) {
      const line = this.editor.lineAt(finding.at);
      const go = element("button", { type: "button", className: "merge__line" }, `line ${line}`);
      go.addEventListener("click", () => this.open(finding.at));
      words.append(go);
    }
    const buttons = finding.choices.map((label, choice) => {
      const button = element("button", { type: "button", className: "button" }, label);
      button.addEventListener("click", () => this.choose(finding, choice, words));
      return button;
    });
    const row = element(
      "li",
      { className: "merge__finding" },
      icon(finding.isConflict ? "alert" : "info"),
      words,
      element("div", { className: "merge__choices" }, ...buttons),
    );
    row.dataset.status = finding.isConflict ? "warn" : "info";
    return row;
  }

  async choose(finding, choice, words) {
    const text = this.editor.text();
    const answer = await this.desk.ask("choose", { kind: "choose", text, path: finding.path, choice });
    if (!answer || this.editor.text() !== text) return;
    if (answer.error) {
      words.append(element("span", { className: "field__error" }, ` ${answer.error}.`));
      return;
    }
    if (answer.edit) return this.editor.apply(answer.edit, "input.merge");
    // Nothing changes: it is to stay as it is.
    this.kept.add(name(finding.path));
    this.field.value = [...this.kept].join("\n");
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    await this.check(text);
  }

  close() {
    clearTimeout(this.pause);
    this.list.replaceChildren(...this.before);
    this.list.removeAttribute("aria-live");
  }
}

/** A path as `--set` has it, which is how the form sends it. */
export function name(path) {
  return path
    .map((step, at) => (typeof step === "number" ? `[${step}]` : `${at > 0 ? "." : ""}${step.replace(/[.[\],=\\]/g, "\\$&")}`))
    .join("");
}
