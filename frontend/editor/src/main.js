// The editor of values: an element around the text area and what is beside it, which works without any of this.
//
// `<values-editor>` is put into the page by the server with the addresses of all that it loads. The text area stays the
// truth of the form: every change is written into it at once. Read on in `editor.js` (the text), `renders.js` (the worker
// that renders it), `beside.js` (what came of it), `drafts.js` (what is kept in this browser) and `exports.js`.

import { Beside } from "./beside.js";
import { Drafts } from "./drafts.js";
import { Editor } from "./editor.js";
import { Exports } from "./exports.js";
import { Renders } from "./renders.js";
import { facts } from "./words.js";

/** Typing that pauses for so long is rendered; faster than a person, slower than a key that is held. */
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
    this.editor = new Editor(this.area, (text) => this.typed(text));
    this.beside = new Beside(beside, (line) => this.editor.goTo(line));
    this.renders = new Renders(this.dataset, {
      done: (answer, request) => this.rendered(answer, request),
      failed: (why) => this.beside.failed(why),
      busy: (isBusy) => this.beside.busy(isBusy),
    });
    this.exports = new Exports(this, () => this.state());
    this.restore();
    this.facts = document.querySelector("[data-change-facts]");
    this.placeChanged = (event) => {
      if (event.target !== this.area && event.target.form === this.form) this.render();
    };
    this.form.addEventListener("input", this.placeChanged);
    this.submitted = (event) => this.drafts.sent(event.submitter?.value === "begin");
    this.form.addEventListener("submit", this.submitted);
    this.render();
  }

  disconnectedCallback() {
    if (!this.editor) return;
    clearTimeout(this.pause);
    this.removeEventListener("keydown", this.keys);
    this.form.removeEventListener("input", this.placeChanged);
    this.form.removeEventListener("submit", this.submitted);
    this.renders.close();
    this.beside.close();
    this.editor.close();
    this.editor = null;
  }

  /** What was kept of an earlier visit, and what of it was not. */
  restore() {
    const draft = this.drafts.find();
    if (!draft) return;
    const notice = document.createElement("div");
    notice.className = "notice change__draft";
    notice.dataset.status = "info";
    notice.setAttribute("role", "status");
    const words = document.createElement("p");
    const secrets = draft.secrets === 0 ? "" : draft.secrets === 1
      ? " One value that looks secret was not kept."
      : ` ${draft.secrets} values that look secret were not kept.`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    if (draft.isForThis) {
      this.editor.replace(draft.text);
      words.textContent = `What you typed here ${draft.age} is back.${secrets} `;
      button.textContent = "Discard it";
      button.addEventListener("click", () => {
        this.drafts.forget();
        this.editor.replace(this.area.defaultValue);
        notice.remove();
      });
    } else {
      words.textContent = `You typed something here ${draft.age}, and the values have changed since.${secrets} `;
      button.textContent = "Take it back";
      button.addEventListener("click", () => {
        this.editor.replace(draft.text);
        notice.remove();
      });
    }
    notice.append(words, button);
    this.prepend(notice);
  }

  /** Everything that a command or a render is made from. */
  state() {
    const field = (name) => {
      const found = this.form.elements.namedItem(name);
      if (!found) return "";
      return found.type === "checkbox" ? (found.checked ? "true" : "") : found.value;
    };
    return { field, data: this.dataset, text: this.editor.text() };
  }

  typed(text) {
    this.drafts.keep(text);
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.render(), PAUSE_MS);
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
    const line = this.editor.blame(answer.summary.problem);
    this.beside.show(answer, request, line);
    if (!this.facts) return;
    const { status, text } = facts(answer.summary, line);
    this.facts.dataset.status = status;
    const words = this.facts.querySelector("span");
    if (words && words.textContent !== text) words.textContent = text;
    this.facts.querySelector("svg")?.remove();
    this.facts.prepend(icon(status));
  }
}

/** A shape for a status, out of the page's own sprite. */
function icon(status) {
  const name = { ok: "ok", warn: "alert", danger: "failed" }[status];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

if (!customElements.get("values-editor")) customElements.define("values-editor", ValuesEditor);
