// One field of the form: its name, its control, what it is for, and what is wrong with it.

import { element, prose } from "./element.js";
import { at, complaint, control, read, shown, summary } from "./fields.js";
import { Items } from "./items.js";

/** Typing that pauses for so long becomes an edit. */
const PAUSE_MS = 150;
/** A longer description is cut until somebody asks. */
const MAX_DESCRIPTION = 320;

let ids = 0;

export class Row {
  /**
   * `label` is the field's name as it is shown: below a sub-chart without the sub-chart's. Of an item of a list `within`
   * is the row of the list, and `value` answers what it has.
   */
  constructor(field, label, form, { within, value } = {}) {
    Object.assign(this, { field, form, within, value, kind: control(field), id: `value-${++ids}` });
    this.root = element("div", { className: "value-row" });
    this.root.dataset.kind = this.kind;
    this.error = element("p", { className: "field__error", id: `${this.id}-error`, hidden: true });
    this.resetButton = element("button", { type: "button", className: "value-row__reset", hidden: true, ariaLabel: within ? `Remove ${field.name}` : `Reset ${field.name} to its default` }, within ? "Remove" : "Reset");
    this.resetButton.addEventListener("click", () => this.reset());
    const name = this.name(label);
    const head = element("div", { className: "value-row__head" });
    const made = this.control();
    if (this.kind === "switch") {
      head.append(element("label", { className: "choice" }, made, name));
    } else if (this.kind === "summary" || this.kind === "items") {
      name.id = this.id;
      head.append(name);
    } else {
      head.append(element("label", { htmlFor: this.id }, name));
    }
    head.append(...this.marks(), this.resetButton);
    this.root.append(head);
    if (this.kind !== "switch") this.root.append(made);
    this.root.append(this.error, this.hint());
    this.describe();
  }

  /** `image.` in passing, `tag` to be read. */
  name(label) {
    const cut = /^(.*[.\]])([^.\]]+)$/s.exec(label);
    const [, above, last] = cut && !cut[1].endsWith("\\.") ? cut : [undefined, "", label];
    const name = element("code", { className: "value-row__name" }, above ? element("span", {}, above) : "", last);
    return this.field.title ? element("span", {}, this.field.title, " ", name) : name;
  }

  marks() {
    const badge = (text, status) => {
      const made = element("span", { className: "badge" }, text);
      if (status) made.dataset.status = status;
      return made;
    };
    return [this.field.required ? badge("required", "info") : "", this.field.deprecated ? badge("deprecated", "warn") : ""];
  }

  control() {
    const common = { id: this.id, autocomplete: "off", autocapitalize: "none", spellcheck: false };
    const required = this.field.required ? { ariaRequired: "true" } : {};
    switch (this.kind) {
      case "switch":
        this.input = element("input", { type: "checkbox", id: this.id });
        this.input.addEventListener("change", () => this.set(this.input.checked, true));
        break;
      case "choice":
        this.input = element("select", { id: this.id, ...required });
        this.input.addEventListener("change", () => this.set(this.choices[this.input.selectedIndex], true));
        break;
      case "number":
        this.input = element("input", { type: "text", inputMode: "decimal", ...common, ...required });
        break;
      case "secret":
        this.input = element("input", { type: "password", ...common, autocomplete: "new-password", ...required });
        break;
      case "long":
      case "lines":
        this.input = element("textarea", { ...common, ...required, rows: 2, wrap: "off" });
        break;
      case "text":
        this.input = element("input", { type: "text", ...common, ...required });
        break;
      case "items":
        this.items = new Items(this, (field, label, value) => new Row(field, label, this.form, { within: this, value }));
        this.editButton = this.items.addButton;
        return this.items.root;
      default:
        return this.overview();
    }
    if (this.kind !== "switch" && this.kind !== "choice") {
      this.input.addEventListener("input", (event) => this.typed(event));
      // Not `change`: that is silent where somebody ends up with what was there before.
      this.input.addEventListener("blur", () => this.wasTyped && this.flush(true));
    }
    if (this.kind === "secret") return this.masked();
    return this.input;
  }

  masked() {
    const show = element("button", { type: "button", className: "value-row__show", ariaPressed: "false", ariaLabel: `Show ${this.field.name}` }, "Show");
    show.addEventListener("click", () => {
      const isShown = this.input.type === "text";
      this.input.type = isShown ? "password" : "text";
      show.ariaPressed = String(!isShown);
      show.textContent = isShown ? "Show" : "Hide";
    });
    return element("div", { className: "value-row__secret" }, this.input, show);
  }

  /** What has no control is told, and edited in the text. */
  overview() {
    this.output = element("span", { className: "value-row__summary" });
    this.editButton = element("button", { type: "button", className: "value-row__edit", ariaLabel: `Edit ${this.field.name} in the text` }, "Edit in the text");
    this.editButton.addEventListener("click", () => this.bring());
    return element("div", { className: "value-row__overview", role: "group", "aria-labelledby": this.id }, this.output, this.editButton);
  }

  hint() {
    const { description, defaultNote, bounds } = this.field;
    const hint = element("p", { className: "field__hint", id: `${this.id}-hint` });
    const parts = [];
    if (description) {
      const isLong = description.length > MAX_DESCRIPTION;
      parts.push(...prose(isLong ? `${description.slice(0, MAX_DESCRIPTION)}… ` : description));
      if (isLong) {
        const more = element("button", { type: "button", className: "value-row__more" }, "More");
        more.addEventListener("click", () => {
          hint.replaceChildren(...prose(description));
          this.fact(hint);
        });
        parts.push(more);
      }
    }
    if (defaultNote) parts.push(...(parts.length ? ["\n"] : []), "Default: ", ...prose(defaultNote));
    const limits = [];
    if (typeof bounds.minimum === "number") limits.push(`at least ${bounds.minimum}`);
    if (typeof bounds.maximum === "number") limits.push(`at most ${bounds.maximum}`);
    if (limits.length > 0) parts.push(...(parts.length ? [" "] : []), `${limits.join(", ")}.`.replace(/^a/, "A"));
    hint.append(...parts);
    this.fact(hint);
    hint.hidden = hint.childNodes.length === 0;
    this.hintElement = hint;
    return hint;
  }

  /** What it is without being set, while it is set to something else. */
  fact(hint) {
    this.defaultFact = element("span", { className: "value-row__default", hidden: true });
    hint.append(this.defaultFact);
  }

  describe() {
    const ids = [this.error.hidden ? "" : this.error.id, this.hintElement?.hidden ? "" : `${this.id}-hint`].filter(Boolean);
    const target = this.input ?? this.editButton;
    if (ids.length > 0) target.setAttribute("aria-describedby", ids.join(" "));
    else target.removeAttribute("aria-describedby");
  }

  /** What the text says of it. */
  update(state) {
    const value = this.within ? this.value() : at(state.overrides, this.field.path);
    const isThere = value !== undefined;
    const isSet = isThere && (!this.within || this.within.isSet);
    this.isSet = isSet;
    this.effective = isThere ? value : this.within ? null : this.field.default;
    this.root.toggleAttribute("data-set", isSet);
    this.resetButton.hidden = !isSet || Boolean(this.within && this.field.required);
    const tellsDefault = isSet && !this.field.secret && !this.within && this.kind !== "switch" && this.kind !== "summary" && this.kind !== "items" && this.field.default !== null && this.field.default !== undefined && this.field.default !== value;
    this.defaultFact.hidden = !tellsDefault;
    this.defaultFact.replaceChildren(...(tellsDefault ? [this.hintElement.childNodes.length > 1 ? "\nDefault: " : "Default: ", element("code", {}, shown(this.field.default))] : []));
    this.hintElement.hidden = this.hintElement.childNodes.length === 1 && !tellsDefault;
    if (this.items) this.items.update(this.effective, state);
    else this.put();
    const remark = state.remarks.find((remark) => remark.name === this.field.name);
    if (!this.isDirty) this.complain(remark?.message);
    this.root.dataset.severity = remark && !this.isDirty ? remark.severity : "";
  }

  put() {
    const value = this.effective;
    if (this.kind === "summary") {
      this.output.textContent = summary(value);
      return;
    }
    if (this.kind === "switch") {
      this.input.checked = value === true;
      return;
    }
    if (this.kind === "choice") return this.offer(value);
    const isOdd = value !== null && typeof value === "object" && !(this.kind === "lines" && Array.isArray(value));
    this.input.disabled = isOdd;
    const text = this.text(value);
    if (this.kind === "secret") this.input.placeholder = this.isSet ? "" : this.field.default === null ? "Not set" : "The default";
    else if (value === "" || value === null || value === undefined) this.input.placeholder = value === "" || this.kind === "lines" ? "Empty" : "Not set";
    if (this.isDirty || this.input.value === text) return this.fit();
    // Whoever types `1.0` is not interrupted by `1`.
    if (document.activeElement === this.input && this.isSet) {
      const typed = this.parse();
      if (JSON.stringify(typed.value) === JSON.stringify(value)) return;
    }
    this.input.value = text;
    this.fit();
  }

  fit() {
    if (this.input.localName !== "textarea") return;
    this.input.rows = Math.min(Math.max(this.input.value.split("\n").length, 2), 8);
  }

  text(value) {
    if (this.kind === "lines" && Array.isArray(value)) return value.map((item) => (typeof item === "string" ? item : JSON.stringify(item))).join("\n");
    if (value === null || value === undefined) return "";
    return typeof value === "object" ? summary(value) : String(value);
  }

  offer(value) {
    const isKnown = (choice) => JSON.stringify(choice) === JSON.stringify(value ?? null);
    const choices = this.field.choices.some(isKnown) ? this.field.choices : [value ?? null, ...this.field.choices];
    const key = JSON.stringify(choices);
    if (key !== this.offered) {
      this.offered = key;
      this.choices = choices;
      this.input.replaceChildren(
        ...choices.map((choice) => element("option", {}, choice === "" ? "(empty)" : choice === null ? "(not set)" : shown(choice))),
      );
    }
    this.input.selectedIndex = choices.findIndex(isKnown);
  }

  parse() {
    const text = this.input.value;
    if (this.kind === "lines") return { value: text.split("\n").map((line) => line.trimEnd()).filter(Boolean) };
    return read(this.field, text);
  }

  typed(event) {
    // The page's form is told by the text, once it has changed.
    event.stopPropagation();
    this.isDirty = true;
    this.wasTyped = true;
    this.fit();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** Makes an edit of what was typed; nothing where nothing was. */
  flush(isSettled = false) {
    clearTimeout(this.pause);
    this.items?.flush();
    if (!this.isDirty && !(isSettled && this.isSet)) return;
    const typed = this.parse();
    if (typed.error) {
      this.complain(`It ${typed.error}.`);
      return;
    }
    this.isDirty = false;
    if (isSettled) this.wasTyped = false;
    if (typed.reset) {
      if (this.isSet) this.reset();
      else this.complain(undefined);
      return;
    }
    const wrong = complaint(this.field, typed.value);
    this.complain(wrong && `It ${wrong}.`);
    this.set(typed.value, isSettled);
  }

  set(value, settled) {
    this.form.edit(this.field.name, { kind: "set", path: this.field.path, value, settled }, (answer) => this.refused(answer.error));
  }

  reset() {
    this.isDirty = false;
    clearTimeout(this.pause);
    const isFocused = document.activeElement === this.resetButton;
    this.form.edit(this.field.name, { kind: this.within ? "takeOut" : "reset", path: this.field.path }, (answer) => {
      this.refused(answer.error);
      // The button goes; where it was is the next best place.
      if (isFocused) (this.input ?? this.editButton).focus();
    });
  }

  /** Shows it in the text, and puts it there before where it is not. */
  bring() {
    const isList = this.field.types.includes("array");
    const value = this.effective ?? (isList ? [] : {});
    this.form.edit(this.field.name, { kind: "set", path: this.field.path, value, settled: false }, (answer) => {
      this.refused(answer.error);
      if (!answer.error && typeof answer.at === "number") this.form.open(answer.at);
    });
  }

  refused(why) {
    if (why) this.complain(`${why[0].toUpperCase()}${why.slice(1)}.`);
  }

  complain(message) {
    this.error.hidden = !message;
    this.error.replaceChildren(...prose(message ?? ""));
    const target = this.input ?? this.editButton;
    if (message) target.setAttribute("aria-invalid", "true");
    else target.removeAttribute("aria-invalid");
    this.describe();
  }
}
