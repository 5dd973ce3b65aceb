// Beside the values: objects, manifest, notes and what differs from the defaults, kept up to date while somebody types.

import { EditorState, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { standardKeymap } from "@codemirror/commands";
import { Decoration, EditorView, highlightActiveLine, keymap } from "@codemirror/view";
import { search } from "@codemirror/search";

import { changedLines, objectsOf, objectsOfRevision, patch, withoutSecretData } from "./differences.js";
import { basics } from "./editor.js";
import { element } from "./element.js";
import { nameOf } from "./fields.js";
import { count } from "./words.js";

const TABS = ["Objects", "Manifest", "Notes", "Difference"];

/** Longer texts are shown without marks for what the last edit changed: finding it would take longer than a key. */
const MAX_MARKED = 2_000_000;

/** With fewer objects than these there is nothing to look for. */
const MIN_SEARCHED = 6;

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
  /** `picked` is told the line, from 1, that the cursor goes to. */
  constructor(parent, label, options, picked) {
    this.parent = parent;
    const listen = EditorView.updateListener.of((update) => {
      const isByHand = update.transactions.some((transaction) => transaction.isUserEvent("select"));
      if (isByHand && update.selectionSet) picked(update.state.doc.lineAt(update.state.selection.main.head).number);
    });
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        extensions: [
          ...basics(options),
          search(),
          EditorState.readOnly.of(true),
          // With a cursor where a line can be picked, by hand or by keys; no keyboard comes up for it.
          EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": "true", tabindex: "0", inputmode: "none" }),
          EditorView.editable.of(Boolean(picked)),
          picked ? [keymap.of(standardKeymap), highlightActiveLine(), listen] : [],
          markedLines,
        ],
      }),
    });
  }

  /**
   * Another text; only what differs is replaced, so that a reader's place stays. `marks` are classes by line, from 1.
   * Where nobody sees it, it waits for `seen`: an editor that is hidden takes all of its lines for visible ones.
   */
  show(text, marks) {
    this.waiting = undefined;
    if (this.parent.hidden) {
      this.waiting = [text, marks];
      return;
    }
    const old = this.view.state.doc.toString();
    let from = 0;
    const end = Math.min(old.length, text.length);
    while (from < end && old.charCodeAt(from) === text.charCodeAt(from)) from++;
    let tail = 0;
    while (tail < end - from && old.charCodeAt(old.length - 1 - tail) === text.charCodeAt(text.length - 1 - tail)) tail++;
    const changes = this.view.state.changes({ from, to: old.length - tail, insert: text.slice(from, text.length - tail) });
    const doc = changes.apply(this.view.state.doc);
    const builder = new RangeSetBuilder();
    for (const [line, name] of marks) {
      if (line > doc.lines) break;
      const { from: start } = doc.line(line);
      builder.add(start, start, Decoration.line({ class: name }));
    }
    this.view.dispatch({ changes, effects: setMarks.of(builder.finish()) });
  }

  /** Somebody looks at it now. */
  seen() {
    if (this.waiting) this.show(...this.waiting);
    this.view.requestMeasure();
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

export class Beside {
  /**
   * `place` is what the server has put there, which comes back when the editor goes. Of `ways`, `goTo` leads to a line of
   * the values and `place` to where a value is set; `origin` answers the line of a template that made a rendered line,
   * `installed` the objects of the installed revision, of an upgrade.
   */
  constructor(place, ways, data) {
    this.place = place;
    this.ways = ways;
    this.goTo = ways.goTo;
    this.isUpgrade = data.upgrade === "true";
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
    this.search = element("input", { type: "search", className: "values-form__search live__search", placeholder: "Find an object", ariaLabel: "Find an object", autocomplete: "off", spellcheck: false, hidden: true });
    this.search.addEventListener("input", (event) => {
      event.stopPropagation();
      this.sift();
    });
    this.hits = element("p", { className: "visually-hidden", role: "status" });
    this.panels[0].append(this.search, this.hits, this.objects);
    this.manifest = new Viewer(this.panels[1], "Manifest", {}, (line) => this.trace(line));
    this.origin = element("div", { className: "origin", ariaLive: "polite" }, element("p", { className: "muted" }, "Pick a line to see what made it."));
    this.panels[1].append(this.origin);
    this.notes = element("pre", { className: "change__notes", tabIndex: 0 });
    this.panels[2].append(this.notes);
    this.summary = element("p", { className: "muted live__summary" });
    const against = element("div", { className: "live__against" }, this.summary);
    if (this.isUpgrade) {
      this.against = ["the installed revision", "the defaults"].map((label, at) => {
        const button = element("button", { type: "button", className: "segmented__choice", ariaPressed: String(at === 0) }, label);
        button.addEventListener("click", () => {
          for (const other of this.against) other.ariaPressed = String(other === button);
          this.compare();
        });
        return button;
      });
      against.append(element("div", { className: "segmented", role: "group", ariaLabel: "Compare with" }, ...this.against));
    }
    this.panels[3].append(against);
    this.difference = new Viewer(this.panels[3], "Difference", { isNumbered: false });
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
    if (at === 1) this.manifest.seen();
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
      if (line) {
        const button = element("button", { type: "button", className: "button" }, `Go to line ${line} of the values`);
        button.addEventListener("click", () => this.goTo(line));
        parts.push(element("p", {}, button));
      } else if (problem.valuesPath?.length) {
        const path = problem.valuesPath.join(".");
        const button = element("button", { type: "button", className: "button" }, `Find ${path}`);
        button.addEventListener("click", () => this.ways.place(problem.valuesPath));
        parts.push(element("p", {}, "It is about a value that you have not set. ", button));
      }
      if (problem.excerpt?.length > 0) parts.push(excerpt(problem.template, problem.excerpt, problem.line));
      else if (problem.template && problem.line) {
        parts.push(element("p", {}, "In ", element("code", {}, problem.template), `, line ${problem.line}`));
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
    this.search.hidden = summary.objects.length < MIN_SEARCHED && this.search.value === "";
    this.sift();
  }

  /** Shows the objects whose kind, name and file have what is looked for. */
  sift() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const list of this.objects.querySelectorAll("ul")) {
      const heading = list.previousElementSibling;
      const kind = heading.firstChild.textContent.toLowerCase();
      let isEmpty = true;
      for (const row of list.children) {
        const text = `${kind} ${row.textContent.toLowerCase()}`;
        row.hidden = !words.every((word) => text.includes(word));
        if (row.hidden) continue;
        isEmpty = false;
        n++;
      }
      heading.hidden = isEmpty;
    }
    this.hits.textContent = words.length === 0 ? "" : n === 0 ? "No object has that." : count(n, "object");
  }

  /** The line of the template that made a line of the manifest, what it includes for it, and the values that were used. */
  async trace(line) {
    const { answer } = this;
    const object = answer?.summary.objects.find(({ manifestLine, nLines }) => line >= manifestLine && line < manifestLine + nLines);
    if (!object) return;
    const origin = await this.ways.origin(object.path, object.line + line - object.manifestLine);
    if (answer !== this.answer) return;
    if (!origin) {
      this.origin.replaceChildren(element("p", { className: "muted" }, "No template wrote this line: it is blank, or it changes with every render."));
      return;
    }
    const { places, values, conditions } = origin;
    // Between the template and the one that wrote the line there may be others, which say nothing new.
    const shown = places.length > 1 ? [places[0], places.at(-1)] : places;
    const parts = [...this.used("It reads", values), ...this.used(values.length > 0 ? "and is there because of" : "It is there because of", conditions)];
    const head = parts.length > 0 ? [element("p", { className: "origin__values" }, ...parts)] : [];
    this.origin.replaceChildren(...head, ...shown.map((place) => excerpt(place.template, place.excerpt, place.line)));
    for (const box of this.origin.querySelectorAll("pre")) {
      const failing = box.querySelector("[data-failing]");
      if (failing) box.scrollTop = Math.max(0, failing.offsetTop - box.offsetTop - box.clientHeight / 2);
    }
    this.origin.scrollTop = 0;
  }

  /** Values as buttons that lead to where they are set. */
  used(words, paths) {
    if (paths.length === 0) return [];
    const buttons = paths.map((path) => {
      const button = element("button", { type: "button" }, nameOf(path));
      button.addEventListener("click", () => this.ways.place(path));
      return button;
    });
    return [element("span", { className: "muted" }, words), ...buttons];
  }

  /** Against what the chart makes without any values, or against what is installed. */
  async compare() {
    const { answer, request } = this;
    if (!answer || answer.summary.problem) return;
    const isInstalled = this.against?.[0].ariaPressed === "true";
    const what = isInstalled ? "the installed revision" : "what the defaults come to";
    const before = isInstalled ? await this.revision() : await this.plain(request);
    if (answer !== this.answer || before === undefined) return;
    if (before === null) {
      this.summary.textContent = isInstalled
        ? "The installed revision cannot be read just now."
        : "With its defaults alone the chart does not render, so there is nothing to compare with.";
      this.difference.show("", []);
      return;
    }
    const now = objectsOf(answer.summary, answer.manifest);
    const { text, marks, nObjects } = patch(before, isInstalled ? withoutSecretData(now) : now);
    this.number(3, nObjects);
    this.summary.textContent =
      nObjects === 0 ? `Nothing differs from ${what}.` : `${count(nObjects, "object")} ${nObjects === 1 ? "differs" : "differ"} from ${what}.`;
    const names = { came: "cm-came", went: "cm-went", object: "cm-object" };
    this.difference.show(text, marks.map((kind, at) => [at + 1, names[kind]]).filter(([, name]) => name));
  }

  /** Nothing where there is no time for it now; null where it does not render. */
  async plain(request) {
    const plain = await request.render("");
    if (!plain) return undefined;
    return plain.summary.problem ? null : objectsOf(plain.summary, plain.manifest);
  }

  async revision() {
    const revision = await this.ways.installed();
    return revision ? objectsOfRevision(revision.objects) : null;
  }

  close() {
    clearTimeout(this.soon);
    this.manifest.close();
    this.difference.close();
    if (this.defaults) this.home.append(this.defaults);
    this.place.replaceChildren(...this.before);
  }
}

/** Lines of a template, one of which is meant. */
function excerpt(path, lines, meant) {
  const rows = lines.map(([number, text]) => {
    const row = element("span", { className: "excerpt__line" }, `${text}\n`);
    row.dataset.number = number;
    if (number === meant) row.dataset.failing = "true";
    return row;
  });
  return element(
    "figure",
    { className: "excerpt" },
    element("figcaption", {}, `${path}, line ${meant}`),
    element("pre", { tabIndex: 0 }, element("code", {}, ...rows)),
  );
}

function fileName(path) {
  return path.split("/").at(-1);
}
