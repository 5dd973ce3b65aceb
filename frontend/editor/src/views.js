// The two views of the values: a form, and the text.

import { element } from "./element.js";

/** Which one somebody chose last, in this browser. */
const KEY = "chartroom.values-view";

export class Views {
  /** `views` are the elements of `form` and `text`. What was chosen last comes first, else the form for a beginning. */
  constructor(place, views, hasText) {
    this.views = views;
    this.head = place.querySelector(".change__values .change__pane-head");
    views.text.before(views.form);
    this.tabs = Object.entries({ form: "Form", text: "YAML" }).map(([name, label]) => {
      const tab = element("button", { type: "button", className: "segmented__choice", role: "tab", id: `values-tab-${name}` }, label);
      tab.addEventListener("click", () => {
        this.choose(name);
        remember(name);
      });
      tab.dataset.view = name;
      const view = views[name];
      view.id ||= `values-${name}`;
      view.setAttribute("role", "tabpanel");
      view.setAttribute("aria-labelledby", tab.id);
      tab.setAttribute("aria-controls", view.id);
      return tab;
    });
    this.list = element("div", { className: "segmented", role: "tablist", ariaLabel: "How values are edited" }, ...this.tabs);
    this.list.addEventListener("keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      event.preventDefault();
      const other = this.chosen === "form" ? "text" : "form";
      this.choose(other);
      remember(other);
      this.tabs.find((tab) => tab.dataset.view === other).focus();
    });
    this.head.querySelector("label").after(this.list);
    this.choose(remembered() ?? (hasText ? "text" : "form"));
  }

  /** Without a form there is nothing to choose. */
  settle(hasFields) {
    this.list.hidden = !hasFields;
    if (!hasFields) this.choose("text");
  }

  choose(name) {
    this.chosen = name;
    for (const tab of this.tabs) {
      const isChosen = tab.dataset.view === name;
      tab.ariaSelected = String(isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      this.views[tab.dataset.view].hidden = !isChosen;
    }
  }

  close() {
    this.list.remove();
    this.views.form.remove();
  }
}

function remember(name) {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Then the next visit begins as the first.
  }
}

function remembered() {
  try {
    const name = localStorage.getItem(KEY);
    return name === "form" || name === "text" ? name : undefined;
  } catch {
    return undefined;
  }
}
