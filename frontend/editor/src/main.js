// The editor of values: an element around the text area and what is beside it, which works without any of this.
//
// `<values-editor>` is put into the page by the server with the addresses of all that it loads. The text area stays the
// truth of the form: every change is written into it at once. Read on in `editor.js` (the text), `form.js` (the fields),
// `desk.js` (who knows about values), `renders.js` (the worker that renders them), `beside.js` (what came of it),
// `merge.js` (upgrades), `names.js` (where it goes), `drafts.js` (what is kept in this browser), `exports.js` and
// `share.js`.

import { Beside } from "./beside.js";
import { Desk } from "./desk.js";
import { Drafts } from "./drafts.js";
import { Editor } from "./editor.js";
import { element, icon } from "./element.js";
import { Exports } from "./exports.js";
import { Form } from "./form.js";
import { Merge } from "./merge.js";
import { Names } from "./names.js";
import { Renders } from "./renders.js";
import { valuesIn } from "./share.js";
import { Sources } from "./sources.js";
import { Staleness } from "./stale.js";
import { Views } from "./views.js";
import { facts } from "./words.js";

/** Typing that pauses for so long is checked. It is rendered at once: the worker skips what is stale when it has time. */
const PAUSE_MS = 30;

class ValuesEditor extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea[name=values]");
    const beside = this.querySelector("[data-beside]");
    if (!this.area || !beside || this.editor) return;
    this.form = this.area.form;
    this.dataset.live = "true";
    // Keys of the page, such as `/`, are text here.
    this.keys = (event) => event.stopPropagation();
    this.addEventListener("keydown", this.keys);

    const initial = this.area.defaultValue;
    this.drafts = new Drafts(location.pathname, initial, { wasSent: this.dataset.sent === "true" });
    this.sources = new Sources(this.dataset);
    this.desk = new Desk(() => this.startDesk(), (why) => this.tell(why, "warn"));
    this.editor = new Editor(this.area, {
      changed: (text) => this.typed(text),
      desk: this.desk,
      taken: {
        take: (text, name) => this.take(text, name),
        flags: (text) => this.flags(text),
        refuse: (why) => this.tell(why, "warn"),
      },
    });
    const open = (offset) => this.openText(this.editor.lineAt(offset));
    this.fields = new Form({ desk: this.desk, editor: this.editor, open });
    this.views = new Views(this, { form: this.fields.root, text: this.editor.root }, this.editor.text() !== "");
    const merge = this.form.querySelector("[data-merge]");
    this.merge = merge?.querySelector("[data-merge-open]") && this.dataset.installed ? new Merge(merge, { desk: this.desk, editor: this.editor, open }) : undefined;
    this.beside = new Beside(beside, {
      goTo: (line) => this.openText(line),
      origin: (path, line) => this.renders.origin(path, line),
      place: (path) => this.place(path),
      installed: () => this.installed(),
    }, this.dataset);
    this.renders = new Renders(this.sources, this.dataset, {
      done: (answer, request) => this.rendered(answer, request),
      failed: (why) => this.beside.failed(why),
      busy: (isBusy) => this.beside.busy(isBusy),
    });
    this.exports = new Exports(this, this.desk, () => this.state());
    this.stale = new Staleness(this.form);
    this.names = this.dataset.upgrade === "true" ? undefined : new Names(this.form, this.dataset);
    const hasDraft = this.restore();
    this.linked = () => this.takeLink(false);
    window.addEventListener("hashchange", this.linked);
    this.takeLink(hasDraft);
    this.facts = document.querySelector("[data-change-facts]");
    this.placeChanged = (event) => {
      if (event.target === this.area || event.target.form !== this.form || !event.target.name) return;
      this.stale.look();
      this.render();
    };
    this.form.addEventListener("input", this.placeChanged);
    this.versionChanged = (event) => this.form.requestSubmit(document.getElementById(event.target.dataset.take));
    this.version = this.form.querySelector("select[data-take]");
    this.version?.addEventListener("change", this.versionChanged);
    this.submitted = (event) => this.drafts.sent(event.submitter?.value === "begin");
    this.form.addEventListener("submit", this.submitted);
    this.fields.build().then((hasFields) => this.views.settle(hasFields));
    this.check();
    this.render();
  }

  disconnectedCallback() {
    if (!this.editor) return;
    clearTimeout(this.pause);
    this.removeEventListener("keydown", this.keys);
    this.form.removeEventListener("input", this.placeChanged);
    this.form.removeEventListener("submit", this.submitted);
    window.removeEventListener("hashchange", this.linked);
    this.version?.removeEventListener("change", this.versionChanged);
    this.merge?.close();
    this.names?.close();
    this.exports.close();
    this.renders.close();
    this.desk.close();
    this.beside.close();
    this.views.close();
    this.stale.close();
    this.editor.close();
    this.editor = null;
  }

  async startDesk() {
    const installed = this.dataset.installed ? await this.sources.archive(this.dataset.installed).catch(() => undefined) : undefined;
    return this.sources.worker({ isDesk: true, installed });
  }

  openText(line) {
    this.views.choose("text");
    this.editor.goTo(line);
  }

  /** Leads to where a value is set; in the form, where it is not. */
  async place(path) {
    const answer = await this.desk.ask("locate", { kind: "locate", text: this.editor.text(), path });
    if (typeof answer?.at === "number") return this.openText(this.editor.lineAt(answer.at));
    this.views.choose("form");
    this.fields.find(path);
  }

  /** Values that a link brings: they fill an editor that nobody has typed in, and else wait to be asked for. */
  async takeLink(hasDraft) {
    const { hash } = location;
    const text = await valuesIn(hash);
    if (text === undefined || !this.editor || location.hash !== hash) return;
    // Behind a reload there is what was made of them.
    history.replaceState(history.state, "", location.pathname + location.search);
    const now = this.editor.text();
    if (text === now) return;
    const take = () => {
      this.editor.replace(text);
      this.views.choose("text");
    };
    if (hasDraft || now !== this.area.defaultValue) {
      this.tell("The link that you opened brings other values than what you typed here.", "info", "Take those of the link", () => {
        take();
        this.tellChange("The values are those of the link now: read them before you go on.");
      });
      return;
    }
    take();
    this.tell("These values came with the link that you opened: read them before you go on.", "info", "Discard them", () => {
      this.drafts.forget();
      this.editor.replace(this.area.defaultValue);
    });
  }

  /** What was kept of an earlier visit, and what of it was not; whether there was something. */
  restore() {
    const draft = this.drafts.find();
    if (!draft) return false;
    const secrets = draft.secrets === 0 ? "" : draft.secrets === 1
      ? " One value that looks secret was not kept."
      : ` ${draft.secrets} values that look secret were not kept.`;
    if (draft.isForThis) {
      this.editor.replace(draft.text);
      this.tell(`What you typed here ${draft.age} is back.${secrets} `, "info", "Discard it", () => {
        this.drafts.forget();
        this.editor.replace(this.area.defaultValue);
      });
    } else {
      this.tell(`You typed something here ${draft.age}, and the values have changed since.${secrets} `, "info", "Take it back", () => this.editor.replace(draft.text));
    }
    return true;
  }

  /** Says something above the values, with a button that does something about it. */
  tell(words, status, label = "Close", act = () => {}) {
    this.querySelector(":scope > .change__draft")?.remove();
    const button = element("button", { type: "button", className: "button" }, label);
    const notice = element("div", { className: "notice change__draft", role: "status" }, element("p", {}, words), button);
    notice.dataset.status = status;
    button.addEventListener("click", () => {
      act();
      notice.remove();
    });
    this.prepend(notice);
  }

  /** Says what has just changed, with a way back until the next change. */
  tellChange(words) {
    this.tell(words, "info", "Undo", () => this.editor.undo());
    this.told = { notice: this.querySelector(":scope > .change__draft"), text: this.editor.text() };
  }

  /** A file takes the place of the text; what was there is one undo away. */
  take(text, name) {
    this.editor.replace(text);
    this.views.choose("text");
    this.tellChange(`The values are those of ${name} now.`);
  }

  /** `--set` becomes edits. */
  async flags(pasted) {
    const text = this.editor.text();
    const answer = await this.desk.ask("flags", { kind: "flags", text, pasted });
    if (!answer || this.editor.text() !== text) return;
    if (answer.error) return this.tell(`What was pasted was not taken: ${answer.error}.`, "warn");
    if (answer.edit) this.editor.apply(answer.edit, "input.flags");
    this.tellChange("What --set says is in the values now.");
  }

  /** Everything that a command or a render is made from. */
  state() {
    const field = (name) => {
      const found = this.form.elements.namedItem(name);
      if (!found) return "";
      return found.type === "checkbox" ? (found.checked ? "true" : "") : found.value;
    };
    return { field, data: this.dataset, text: this.editor.text(), secrets: this.fields.secrets() };
  }

  typed(text) {
    this.drafts.keep(text);
    this.report = undefined;
    if (this.told && this.told.text !== text) {
      this.told.notice.remove();
      this.told = undefined;
    }
    this.stale.look();
    this.render();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.check(), PAUSE_MS);
  }

  /** What is wrong with the text, and what it sets. */
  async check() {
    const text = this.editor.text();
    this.merge?.soon(text);
    const checked = await this.desk.ask("check", { kind: "check", text, schemaReport: this.report });
    if (!checked?.remarks || !this.editor || this.editor.text() !== text) return;
    this.editor.remark(text, checked.remarks);
    this.fields.show(checked);
    if (this.last?.answer.summary.problem) this.conclude();
  }

  render() {
    const { field, data, text } = this.state();
    this.renders.showsSecrets = this.beside.secrets.checked;
    this.renders.ask({
      values: text,
      name: field("name") || data.release || "release-name",
      namespace: field("namespace") || data.namespace || "default",
      cluster: field("cluster") || data.cluster || "",
      isUpgrade: data.upgrade === "true",
    });
  }

  rendered(answer, request) {
    const { problem } = answer.summary;
    const isOfThis = request.wanted.values === this.editor.text();
    if (problem?.stage === "schema" && isOfThis && this.report !== problem.message) {
      // The desk knows the places of all that a schema says; a render only that of the first.
      this.report = problem.message;
      this.check();
    }
    this.last = { answer, request };
    this.conclude();
  }

  /** Says what came of the last render, and where. */
  conclude() {
    const { answer, request } = this.last;
    const { problem } = answer.summary;
    const isOfThis = request.wanted.values === this.editor.text();
    const blamed = this.editor.blame(isOfThis ? problem : undefined);
    // Of a text that is no YAML the desk knows the place better than Helm's reader, which names the line after it.
    const line = (problem?.stage === "values" && isOfThis && this.editor.errorLine()) || blamed;
    this.beside.show(answer, request, line);
    if (!this.facts) return;
    const { status, text } = facts(answer.summary, line);
    this.facts.dataset.status = status;
    const words = this.facts.querySelector("span");
    if (words && words.textContent !== text) words.textContent = text;
    this.facts.querySelector("svg")?.remove();
    this.facts.prepend(icon({ ok: "ok", warn: "alert", danger: "failed" }[status]));
  }

  /** The objects of the revision that is installed, of an upgrade. */
  installed() {
    const { api, cluster, namespace, release, upgrade } = this.dataset;
    if (upgrade !== "true") return undefined;
    const path = [cluster, namespace, release].map(encodeURIComponent).join("/");
    this.revision ??= fetch(`${api}/releases/${path}/manifest`, { headers: { accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : undefined))
      .then((answer) => answer?.data)
      .catch(() => undefined);
    return this.revision;
  }
}

if (!customElements.get("values-editor")) customElements.define("values-editor", ValuesEditor);
