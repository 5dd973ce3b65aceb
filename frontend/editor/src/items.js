// A list of mappings in the form: each item folds out to its own fields, and can be moved and removed.
//
// What is shown is the list as it is now, the text's or else the default; whatever is done is one edit of the desk, which
// writes the default list out first where the text does not have it.

import { element, icon } from "./element.js";
import { areItems, itemFields, itemName, nameOf, newItem } from "./fields.js";
import { looksSecret } from "./secrets.js";

/** With more fields than these, those that an item does not have are shown when somebody asks. */
const MAX_FIELDS = 8;
/** So many items are shown at once. */
const MAX_ITEMS = 50;

export class Items {
  /** `row` is the field's own, `makeRow` makes those of the items. */
  constructor(row, makeRow) {
    Object.assign(this, { row, makeRow, form: row.form, field: row.field, parts: [], opened: new Set(), most: MAX_ITEMS });
    this.list = element("ol", { className: "items__list" });
    this.none = element("p", { className: "muted items__none" }, "No items.");
    this.addButton = element("button", { type: "button", className: "value-row__edit" }, "Add an item");
    this.addButton.ariaLabel = `Add an item to ${this.field.name}`;
    this.addButton.addEventListener("click", () => this.add());
    this.textButton = element("button", { type: "button", className: "value-row__edit", ariaLabel: `Edit ${this.field.name} in the text` }, "Edit in the text");
    this.textButton.addEventListener("click", () => row.bring());
    this.root = element("div", { className: "items", role: "group", "aria-labelledby": row.id }, this.none, this.list, element("div", { className: "items__foot" }, this.addButton, this.textButton));
  }

  /** The list is this now. */
  update(value, state) {
    const items = areItems(value) ? value : [];
    const isOther = value !== null && value !== undefined && !areItems(value);
    this.none.hidden = items.length > 0;
    this.none.textContent = isOther ? "This is no list of mappings: it can be edited in the text." : "No items.";
    this.addButton.hidden = isOther;
    this.items = items;
    const isSame = this.parts.length === Math.min(items.length, this.most) && !this.isStale;
    if (!isSame) this.build();
    this.state = state;
    for (const [at, part] of this.parts.entries()) {
      part.title.textContent = itemName(items[at], at);
      const keys = Object.keys(items[at]).join("\n");
      if (part.body && part.keys !== keys && !part.body.contains(document.activeElement)) this.fill(part, at);
      for (const row of part.rows) {
        if (row.input && isSecret(row.field.path.at(-1), items[at])) row.input.type = "password";
        row.update(state);
      }
    }
    this.settle();
  }

  build() {
    this.isStale = false;
    this.flush();
    const items = this.items.slice(0, this.most);
    this.parts = items.map((_, at) => this.part(at));
    const more = [];
    if (this.items.length > items.length) {
      const button = element("button", { type: "button", className: "value-row__edit" }, `Show ${this.items.length - items.length} more`);
      button.addEventListener("click", () => {
        this.most += MAX_ITEMS;
        this.update(this.items, this.state);
      });
      more.push(element("li", {}, button));
    }
    this.list.replaceChildren(...this.parts.map((part) => part.root), ...more);
  }

  part(at) {
    const part = { rows: [], title: element("span", { className: "items__name" }) };
    const n = this.items.length;
    const tool = (label, sign, isOff, act) => {
      const button = element("button", { type: "button", className: "items__tool", disabled: isOff, title: label, ariaLabel: `${label}: item ${at + 1} of ${this.field.name}` }, sign);
      button.dataset.does = label;
      button.addEventListener("click", act);
      return button;
    };
    part.summary = element("summary", {}, icon("down"), part.title);
    part.details = element("details", { className: "items__item", open: this.opened.has(at) }, part.summary);
    const open = () => {
      if (part.details.open) this.opened.add(at);
      else this.opened.delete(at);
      if (part.details.open && !part.body) this.fill(part, at);
    };
    part.details.addEventListener("toggle", open);
    part.tools = element(
      "div",
      { className: "items__tools" },
      tool("Move up", "\u2191", at === 0, () => this.move(at, at - 1)),
      tool("Move down", "\u2193", at === n - 1, () => this.move(at, at + 1)),
      tool("Remove", "\u00d7", false, () => this.remove(at)),
    );
    part.root = element("li", {}, part.details, part.tools);
    if (part.details.open) this.fill(part, at);
    return part;
  }

  /** The fields of an item. */
  fill(part, at) {
    const item = this.items[at];
    for (const row of part.rows) row.flush();
    part.keys = Object.keys(item).join("\n");
    const all = itemFields(this.field, item);
    const isThere = (inner) => inner.required || Object.hasOwn(item, inner.path[0]);
    const first = all.length <= MAX_FIELDS || part.showsAll ? all : all.filter(isThere);
    const rows = first.map((inner) => {
      const key = inner.path[0];
      const path = [...this.field.path, at, key];
      return this.makeRow({ ...inner, secret: inner.secret || isSecret(key, item), path, name: nameOf(path) }, key, () => this.items[at]?.[key]);
    });
    part.rows = rows;
    const body = element("div", { className: "items__rows" }, ...rows.map((row) => row.root));
    if (first.length < all.length) {
      const more = element("button", { type: "button", className: "value-row__edit items__more" }, `Show ${all.length - first.length} more`);
      more.addEventListener("click", () => {
        part.showsAll = true;
        this.fill(part, at);
        part.rows[first.length]?.root.querySelector("input, select, textarea, button")?.focus();
      });
      body.append(more);
    }
    part.body?.remove();
    part.body = body;
    part.details.append(body);
    if (this.state) for (const row of rows) row.update(this.state);
  }

  add() {
    const at = this.items.length;
    this.opened.add(at);
    this.most = Math.max(this.most, at + 1);
    this.act({ kind: "insert", path: this.field.path, index: at, value: newItem(this.field) }, `Item ${at + 1} is new.`, () => this.parts[at]?.root.querySelector("input, select, textarea") ?? this.addButton);
  }

  remove(at) {
    this.opened = new Set([...this.opened].filter((index) => index !== at).map((index) => (index > at ? index - 1 : index)));
    const [name, n] = [itemName(this.items[at], at), this.items.length - 1];
    this.act({ kind: "takeOut", path: [...this.field.path, at] }, `${name} is removed.`, () => this.parts[Math.min(at, n - 1)]?.summary ?? this.addButton);
  }

  move(from, to) {
    const places = (index) => (index === from ? to : index === to ? from : index);
    this.opened = new Set([...this.opened].map(places));
    const does = to < from ? "Move up" : "Move down";
    this.act({ kind: "move", path: this.field.path, from, to }, `${itemName(this.items[from], from)} is item ${to + 1} now.`, () => {
      const tools = [...(this.parts[to]?.tools.children ?? [])];
      return tools.find((tool) => tool.dataset.does === does && !tool.disabled) ?? tools.find((tool) => !tool.disabled);
    });
  }

  /** One thing at a time: what is done next is about the list as it is then. */
  act(question, words, focus) {
    if (this.isActing) return;
    this.isActing = true;
    this.flush();
    this.form.edit(`${this.field.name} ${question.kind}`, question, (answer) => {
      this.row.refused(answer.error);
      if (answer.error || !answer.edit) {
        this.isActing = false;
        return;
      }
      this.isStale = true;
      this.after = () => {
        this.form.say(words);
        focus()?.focus();
      };
    });
  }

  settle() {
    if (!this.after) return;
    this.isActing = false;
    this.after();
    this.after = undefined;
  }

  flush() {
    for (const part of this.parts) for (const row of part.rows) row.flush();
  }
}

/** `value` beside a name that looks secret is one, and so is what is called so itself. */
function isSecret(key, item) {
  const names = [item.name, item.key].filter((name) => typeof name === "string");
  return typeof item[key] !== "object" && (looksSecret(key) || (/^(value|data|content)$/i.test(key) && names.some(looksSecret)));
}
