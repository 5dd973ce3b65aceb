// Beside the values: objects, manifest, notes and what differs from the defaults, kept up to date while somebody types.

import { EditorState, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";
import { search } from "@codemirror/search";

import { changedLines, objectsOf, patch } from "./differences.js";
import { basics } from "./editor.js";
import { count } from "./words.js";

const TABS = ["Objects", "Manifest", "Notes", "Difference"];

/** Longer texts are shown without marks for what the last edit changed: finding it would take longer than a key. */
const MAX_MARKED = 2_000_000;

const setMarks = StateEffect.define();

/** Lines with a class, set together with the text. */
const markedLines = StateField.define({
  create: () => Decoration.none,
  update: (marks, transaction) => {
    for (const effect of transaction.effects) if (effect.is(setMarks)) return effect.value;
    return marks.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** A text to read, of any length. */
class Viewer {
  constructor(parent, label, options) {
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        extensions: [
          ...basics(options),
          search(),
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          EditorView.editable.of(false),
          markedLines,
        ],
      }),
    });
  }

  /** Another text; only what differs is replaced, so that a reader's place stays. `marks` are classes by line, from 1. */
  show(text, marks) {
    const old = this.view.state.doc.toString();
    let from = 0;
    const end = Math.min(old.length, text.length);
    while (from < end && old.charCodeAt(from) === text.charCodeAt(from)) from++;
    let tail = 0;
    while (tail < end - from && old.charCodeAt(old.length - 1 - tail) === text.charCodeAt(text.length - 1 - tail)) tail++;
    this.view.dispatch({ changes: { from, to: old.length - tail, insert: text.slice(from, text.length - tail) } });
    const { doc } = this.view.state;
    const builder = new RangeSetBuilder();
    for (const [line, name] of marks) {
      if (line > doc.lines) break;
      const { from: start } = doc.line(line);
      builder.add(start, start, Decoration.line({ class: name }));
    }
    this.view.dispatch({ effects: setMarks.of(builder.finish()) });
  }

  goTo(number) {
    const { doc } = this.view.state;
    const line = doc.line(Math.min(Math.max(number, 1), doc.lines));
    this.view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "start", yMargin: 24 }) });
    this.view.focus();
  }

  close() {
    this.view.destroy();
  }
}

function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export class Beside {
  /** `place` is what the server has put there, which comes back when the editor goes; `goTo` leads to a line of the values. */
  constructor(place, goTo) {
    this.place = place;
    this.goTo = goTo;
    this.before = [...place.childNodes];
    this.root = element("div", { className: "live" });
    this.problem = element("div", { className: "live__problem", hidden: true, role: "alert" });
    this.tabs = TABS.map((name, at) => this.tab(name, at));
    this.panels = TABS.map((name, at) =>
      element("div", { className: "live__panel", id: `live-${at}`, role: "tabpanel", "aria-labelledby": `live-tab-${at}`, hidden: at > 0 }),
    );
    const list = element("div", { className: "live__tabs", role: "tablist", ariaLabel: "What it comes to" }, ...this.tabs);
    list.addEventListener("keydown", (event) => this.keys(event));
    this.state = element("span", { className: "live__state", ariaHidden: "true" });
    this.secrets = element("input", { type: "checkbox" });
    const secrets = element("label", { className: "choice live__secrets" }, this.secrets, "Show secrets");
    const head = element("div", { className: "live__head" }, list, this.state);
    this.root.append(head, this.problem, ...this.panels, secrets);
    this.defaults = place.querySelector(".change__defaults");
    this.home = this.defaults?.parentNode;
    place.replaceChildren(this.root);
    if (this.defaults) {
      this.root.append(element("details", { className: "disclosure" }, element("summary", {}, "The chart's defaults"), this.defaults));
    }
    this.objects = element("div", { className: "live__objects" });
    this.panels[0].append(this.objects);
    this.manifest = new Viewer(this.panels[1], "Manifest");
    this.notes = element("pre", { className: "change__notes", tabIndex: 0 });
    this.panels[2].append(this.notes);
    this.summary = element("p", { className: "muted live__summary" });
    this.panels[3].append(this.summary);
    this.difference = new Viewer(this.panels[3], "Difference from the chart's defaults", { isNumbered: false });
    this.chosen = 0;
  }

  tab(name, at) {
    const button = element("button", {
      type: "button",
      className: "live__tab",
      id: `live-tab-${at}`,
      role: "tab",
      ariaSelected: String(at === 0),
      tabIndex: at === 0 ? 0 : -1,
    });
    button.setAttribute("aria-controls", `live-${at}`);
    button.append(name, element("span", { className: "tabs__count", hidden: true }));
    button.addEventListener("click", () => this.choose(at));
    return button;
  }

  keys(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.choose((this.chosen + step + TABS.length) % TABS.length);
    this.tabs[this.chosen].focus();
  }

  choose(at) {
    this.chosen = at;
    this.tabs.forEach((tab, other) => {
      tab.ariaSelected = String(other === at);
      tab.tabIndex = other === at ? 0 : -1;
      this.panels[other].hidden = other !== at;
    });
    if (at === 1) this.manifest.view.requestMeasure();
    if (at === 3) this.compare();
  }

  busy(isBusy) {
    clearTimeout(this.soon);
    if (!isBusy) {
      this.state.textContent = "";
      return;
    }
    // Most renders are done before anybody could read that they go on.
    this.soon = setTimeout(() => (this.state.textContent = "Rendering\u2026"), 400);
  }

  /** The engine itself did not work. */
  failed(why) {
    this.problem.hidden = false;
    this.problem.replaceChildren(element("p", {}, why));
  }

  show(answer, request, line) {
    this.answer = answer;
    this.request = request;
    const { problem, warnings } = answer.summary;
    this.tell(problem, warnings, line);
    // What rendered last stays in sight while something is being mended.
    this.root.toggleAttribute("data-stale", Boolean(problem));
    if (problem) return;
    const { manifest } = answer;
    const before = this.shown;
    const isMarked = before !== undefined && manifest.length + before.length < MAX_MARKED;
    const changed = isMarked && before !== manifest ? changedLines(before, manifest) : [];
    if (before !== manifest) this.manifest.show(manifest, changed.map((number) => [number, "cm-changed"]));
    this.shown = manifest;
    this.list(answer.summary, new Set(changed));
    this.notes.textContent = answer.notes.trim() || "This chart has no notes.";
    this.number(0, answer.summary.objects.length);
    if (this.chosen === 3) this.compare();
  }

  number(at, n) {
    const counter = this.tabs[at].querySelector("span");
    counter.hidden = false;
    counter.textContent = n;
  }

  tell(problem, warnings, line) {
    const parts = [];
    if (problem) {
      parts.push(element("pre", { className: "render-problem__message", tabIndex: 0 }, problem.message.trim()));
      if (problem.template && problem.line) {
        parts.push(element("p", {}, "In ", element("code", {}, problem.template), `, line ${problem.line}`));
      }
      if (line) {
        const button = element("button", { type: "button", className: "button" }, `Go to line ${line} of the values`);
        button.addEventListener("click", () => this.goTo(line));
        parts.push(element("p", {}, button));
      } else if (problem.valuesPath?.length) {
        const path = problem.valuesPath.join(".");
        parts.push(element("p", {}, "It is about a value that you have not set: ", element("code", {}, path)));
      }
    }
    this.problem.dataset.status = problem ? "danger" : "warn";
    if (!problem) parts.push(...warnings.slice(0, 20).map((warning) => element("p", {}, warning)));
    this.problem.hidden = parts.length === 0;
    this.problem.replaceChildren(...parts);
  }

  /** Objects by kind; what the last edit changed is marked, and each leads to its text. */
  list(summary, changed) {
    const kinds = new Map();
    for (const object of summary.objects) {
      if (!kinds.has(object.kind)) kinds.set(object.kind, []);
      kinds.get(object.kind).push(object);
    }
    const groups = [...kinds].map(([kind, objects]) => {
      const rows = objects.map((object) => {
        const isChanged = Array.from({ length: object.nLines }, (_, at) => object.manifestLine + at).some((at) => changed.has(at));
        const button = element("button", { type: "button", className: "live__object" });
        button.append(element("strong", {}, object.name || "(no name)"), element("span", { className: "muted" }, fileName(object.path)));
        if (isChanged) button.append(element("span", { className: "badge" }, "changed"));
        button.addEventListener("click", () => {
          this.choose(1);
          this.manifest.goTo(object.manifestLine);
        });
        return element("li", {}, button);
      });
      return [element("h3", {}, kind || "No kind", element("span", { className: "tabs__count" }, rows.length)), element("ul", {}, ...rows)];
    });
    const hooks = summary.hooks.map((hook) => {
      const events = hook.events.join(", ");
      return element("li", { className: "live__hook" }, element("strong", {}, hook.name), element("span", { className: "muted" }, `${hook.kind}, ${events}`));
    });
    if (hooks.length > 0) groups.push([element("h3", {}, "Hooks", element("span", { className: "tabs__count" }, hooks.length)), element("ul", {}, ...hooks)]);
    if (groups.length === 0) groups.push([element("p", { className: "muted" }, "Nothing: no template makes an object with these values.")]);
    this.objects.replaceChildren(...groups.flat());
  }

  /** Against what the chart makes without any values. */
  async compare() {
    const { answer, request } = this;
    if (!answer || answer.summary.problem) return;
    const plain = await request.render("");
    if (answer !== this.answer || !plain) return;
    if (plain.summary.problem) {
      this.summary.textContent = "With its defaults alone the chart does not render, so there is nothing to compare with.";
      this.difference.show("", []);
      return;
    }
    const { text, marks, nObjects } = patch(objectsOf(plain.summary, plain.manifest), objectsOf(answer.summary, answer.manifest));
    this.number(3, nObjects);
    this.summary.textContent =
      nObjects === 0 ? "Nothing differs from what the defaults come to." : `${count(nObjects, "object")} ${nObjects === 1 ? "differs" : "differ"} from what the defaults come to.`;
    const names = { came: "cm-came", went: "cm-went", object: "cm-object" };
    this.difference.show(text, marks.map((kind, at) => [at + 1, names[kind]]).filter(([, name]) => name));
  }

  close() {
    clearTimeout(this.soon);
    this.manifest.close();
    this.difference.close();
    if (this.defaults) this.home.append(this.defaults);
    this.place.replaceChildren(...this.before);
  }
}

function fileName(path) {
  return path.split("/").at(-1);
}
