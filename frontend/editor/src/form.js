// The values as a form, beside the text: what the desk knows of the chart's fields, in groups that are made when opened.
//
// The text stays the truth. A control asks the desk for the edit of its value alone, and the text tells every control
// what it sets; so comments survive, and one undo is for both. Read on in `row.js` (one field) and `fields.js`.

import { element, icon, prose } from "./element.js";
import { at, matcher, nameOf } from "./fields.js";
import { Row } from "./row.js";

/** So many rows of a group are made at once. */
const MAX_ROWS = 60;
/** So many hits of a search are shown. */
const MAX_HITS = 80;
/** With no more fields than these, all groups begin open. */
const MAX_OPEN = 24;
/** An edit is tried again where the text changed under it. */
const MAX_TRIES = 8;

const WHICH = [
  ["main", "Main"],
  ["all", "All"],
  ["set", "Changed"],
];

export class Form {
  /** `open` leads to a place of the text. */
  constructor({ desk, editor, open }) {
    Object.assign(this, { desk, editor, open });
    this.state = { overrides: {}, remarks: [], switchedOff: [] };
    this.queue = new Map();
    this.edits = Promise.resolve();
    this.ids = 0;
    this.rows = new Set();
    this.root = element("div", { className: "values-form" });
    this.root.addEventListener("keydown", (event) => this.keys(event));
    this.notice = element("div", { className: "notice values-form__notice", hidden: true });
    this.notice.dataset.status = "danger";
    this.body = element("div", { className: "values-form__body" });
    this.body.append(element("p", { className: "muted" }, "Reading the chart…"));
    this.root.append(this.notice, this.body);
  }

  /** Asks for the fields and shows them; whether there are any. */
  async build() {
    const form = await this.desk.ask("form", { kind: "form" });
    if (!form?.groups) {
      this.body.replaceChildren(element("p", { className: "muted" }, "The fields of this chart could not be read. The text can be edited all the same."));
      return false;
    }
    this.groups = form.groups.map((group) => ({ ...group }));
    this.subcharts = form.subcharts;
    this.fields = this.groups.flatMap((group) => group.fields);
    if (this.fields.length === 0) {
      this.body.replaceChildren(element("p", { className: "muted" }, "This chart has no values to set."));
      return false;
    }
    const nMain = this.fields.filter((field) => !field.advanced).length;
    this.which = nMain > 0 && nMain < this.fields.length ? "main" : "all";
    this.tools(nMain);
    this.list = element("div", { className: "values-form__list" });
    this.body.replaceChildren(this.head, this.list);
    this.layout();
    return true;
  }

  tools(nMain) {
    this.search = element("input", { type: "search", className: "values-form__search", placeholder: "Find a value", ariaLabel: "Find a value", autocomplete: "off", spellcheck: false });
    this.search.addEventListener("input", (event) => {
      event.stopPropagation();
      this.layout();
    });
    this.status = element("p", { className: "visually-hidden", role: "status" });
    const counts = { main: nMain, all: this.fields.length };
    this.buttons = WHICH.filter(([name]) => name !== "main" || this.which === "main").map(([name, label]) => {
      const button = element("button", { type: "button", className: "segmented__choice", ariaPressed: String(name === this.which) }, label);
      button.append(element("span", { className: "segmented__count" }, counts[name] ?? ""));
      button.addEventListener("click", () => {
        this.which = name;
        for (const other of this.buttons) other.ariaPressed = String(other === button);
        this.layout();
      });
      button.dataset.which = name;
      return button;
    });
    const segments = element("div", { className: "segmented", role: "group", ariaLabel: "Which values" }, ...this.buttons);
    this.head = element("div", { className: "values-form__head" }, this.search, segments, this.status);
    this.count();
  }

  /** Says what was done, to who cannot see it. */
  say(words) {
    this.status.textContent = words;
  }

  /** How many values the text sets, as far as fields know them. */
  count() {
    const button = this.buttons?.find((button) => button.dataset.which === "set");
    if (!button) return;
    const n = this.fields.filter((field) => this.isSet(field)).length;
    button.querySelector("span").textContent = n;
  }

  /** The names of secret values that the text sets to something. */
  secrets() {
    const holds = (field) => ![undefined, null, ""].includes(at(this.state.overrides, field.path));
    return (this.fields ?? []).filter((field) => field.secret && holds(field)).map((field) => field.name);
  }

  isSet(field) {
    return at(this.state.overrides, field.path) !== undefined;
  }

  /** Groups, or what a search finds, in place of what is there. */
  layout() {
    for (const row of this.rows) row.flush();
    this.rows.clear();
    const isWanted = this.wanted();
    const isFound = matcher(this.search.value);
    if (isFound) {
      const hits = this.fields.filter(isFound);
      this.status.textContent = hits.length === 0 ? "No value is called so." : `${hits.length} ${hits.length === 1 ? "value" : "values"}`;
      const rows = element("div", { className: "values-form__rows" });
      this.fill(rows, hits, MAX_HITS, "name");
      this.list.replaceChildren(hits.length === 0 ? element("p", { className: "muted values-form__none" }, "No value is called so, and no description says it.") : rows);
      return;
    }
    this.status.textContent = "";
    const groups = this.groups.map((group) => ({ ...group, fields: group.fields.filter(isWanted) })).filter((group) => group.fields.length > 0);
    if (groups.length === 0) {
      const none = this.which === "set" ? "Nothing is set yet: everything is the chart's default." : "There is nothing here.";
      this.list.replaceChildren(element("p", { className: "muted values-form__none" }, none));
      return;
    }
    const n = groups.reduce((sum, group) => sum + group.fields.length, 0);
    const isOpen = n <= MAX_OPEN || this.which === "set";
    const own = groups.filter((group) => group.subchart === null);
    const made = own.map((group, index) => this.group(group, isOpen || index === 0));
    for (const [index, chart] of this.subcharts.entries()) {
      const below = groups.filter((group) => group.subchart === index);
      if (below.length > 0) made.push(this.subchart(chart, index, below, isOpen && this.which === "set"));
    }
    this.list.replaceChildren(...made);
    this.marks();
  }

  /** Leads to a field, or to those below a path. */
  find(path) {
    // An item of a list is in the field of the list.
    const index = path.findIndex((step) => typeof step === "number");
    const name = nameOf(index < 0 ? path : path.slice(0, index));
    const isBelow = (field) => field.name === name || field.name.startsWith(`${name}.`);
    if (!this.fields?.some(isBelow)) return;
    this.search.value = name;
    this.layout();
    this.list.querySelector("input, select, textarea, button")?.focus();
  }

  wanted() {
    if (this.which === "all") return () => true;
    if (this.which === "set") return (field) => this.isSet(field);
    return (field) => !field.advanced || this.isSet(field);
  }

  group(group, isOpen) {
    const title = group.title || "General";
    return this.details(element("span", { className: "values-form__title" }, title), group.fields, isOpen, (body) => {
      this.fill(body, group.fields, MAX_ROWS, "label");
    });
  }

  subchart(chart, index, groups, isOpen) {
    const fields = groups.flatMap((group) => group.fields);
    const title = element("span", { className: "values-form__title" }, chart.path.join("."), element("span", { className: "muted" }, ` ${chart.chart === chart.path.at(-1) ? "" : `${chart.chart} `}${chart.version}`));
    const details = this.details(title, fields, isOpen, (body) => {
      if (chart.description) body.append(element("p", { className: "field__hint values-form__about" }, ...prose(chart.description)));
      body.append(...groups.map((group) => this.group(group, groups.length === 1 || isOpen)));
    });
    details.classList.add("values-form__subchart");
    details.dataset.subchart = index;
    details.firstChild.append(element("span", { className: "badge values-form__off", hidden: true }, "switched off"));
    return details;
  }

  details(title, fields, isOpen, make) {
    const summary = element("summary", {}, icon("down"), title, element("span", { className: "tabs__count" }, fields.length), element("span", { className: "values-form__set", hidden: true }));
    const body = element("div", { className: "values-form__rows" });
    const details = element("details", { className: "values-form__group" }, summary, body);
    details.fields = fields;
    const open = () => {
      if (details.isMade || !details.open) return;
      details.isMade = true;
      make(body);
      this.marks();
    };
    details.addEventListener("toggle", open);
    if (isOpen) {
      details.open = true;
      open();
    }
    return details;
  }

  /** Rows of fields; more of them when somebody asks. */
  fill(place, fields, most, name) {
    const shown = fields.slice(0, most);
    for (const field of shown) {
      const row = new Row(field, field[name], this);
      this.rows.add(row);
      row.update(this.state);
      place.append(row.root);
    }
    if (fields.length <= most) return;
    const more = element("button", { type: "button", className: "button values-form__more" }, `Show ${fields.length - most} more`);
    more.addEventListener("click", () => {
      const rest = fields.slice(most);
      more.remove();
      this.fill(place, rest, MAX_ROWS, name);
      place.children[most]?.querySelector("input, select, textarea, button")?.focus();
    });
    place.append(more);
  }

  /** What the text says now. */
  show(checked) {
    if (!this.fields) {
      this.state = checked.overrides === null ? this.state : checked;
      return;
    }
    const isReadable = checked.overrides !== null;
    this.body.inert = !isReadable;
    this.body.toggleAttribute("data-waiting", !isReadable);
    this.notice.hidden = isReadable;
    if (!isReadable) {
      const [remark] = checked.remarks;
      const button = element("button", { type: "button", className: "button" }, "Go there");
      button.addEventListener("click", () => this.open(remark.from));
      this.notice.replaceChildren(icon("failed"), element("p", {}, `The text cannot be read at line ${remark?.line ?? 1}, so the form waits. `), button);
      return;
    }
    this.state = checked;
    for (const row of this.rows) row.update(checked);
    this.count();
    this.marks();
  }

  /** How much of each group is set, and which sub-charts are off. */
  marks() {
    for (const details of this.list.querySelectorAll(".values-form__group")) {
      const n = details.fields.filter((field) => this.isSet(field)).length;
      const mark = details.querySelector(":scope > summary > .values-form__set");
      mark.hidden = n === 0;
      mark.textContent = `${n} changed`;
      const off = details.querySelector(":scope > summary > .values-form__off");
      if (off) off.hidden = !this.state.switchedOff.includes(Number(details.dataset.subchart));
    }
  }

  keys(event) {
    // Enter in a field would send the whole page.
    if (event.key === "Enter" && event.target.localName === "input") event.preventDefault();
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const isUndo = key === "z" && !event.shiftKey;
    if (!isUndo && key !== "y" && key !== "z") return;
    if (event.target === this.search) return;
    event.preventDefault();
    for (const row of this.rows) row.flush();
    this.edits.then(() => (isUndo ? this.editor.undo() : this.editor.redo()));
  }

  /** Edits one after another; of one field only the newest that has not begun. `told` is told why it was refused. */
  edit(name, question, told) {
    const isQueued = this.queue.has(name);
    this.queue.set(name, { question, told });
    if (!isQueued) this.edits = this.edits.then(() => this.perform(name));
    return this.edits;
  }

  async perform(name) {
    const { question, told } = this.queue.get(name);
    this.queue.delete(name);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const text = this.editor.text();
      const answer = await this.desk.ask(`edit ${++this.ids}`, { ...question, text });
      if (!answer) return told?.({ error: "It could not be changed just now." });
      if (this.editor.text() !== text) continue;
      if (answer.edit) this.editor.apply(answer.edit, "input.type.form");
      return told?.(answer);
    }
  }
}
