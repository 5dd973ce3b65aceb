// The name and the namespace of a new release, checked while they are typed: how they are written, and whether the
// cluster has a release of that name already.

import { element } from "./element.js";

/** Typing that pauses for so long is checked. */
const PAUSE_MS = 300;

const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

/** What is wrong with how a release's name is written; nothing where it is fine, or not there yet. */
export function complaintOfName(name) {
  if (name === "") return undefined;
  if (name.length > 53) return "A release's name has at most 53 characters.";
  if (/[A-Z]/.test(name)) return "A release's name has lower-case letters only.";
  const odd = /[^-.a-z0-9]/.exec(name)?.[0];
  if (odd) return `A release's name has letters, digits, "-" and ".", and no ${odd === " " ? "blank" : `"${odd}"`}.`;
  return name.split(".").every((label) => LABEL.test(label)) ? undefined : "A release's name begins and ends with a letter or digit, and so does each part of it.";
}

/** The same of a namespace's. */
export function complaintOfNamespace(name) {
  if (name === "" || (name.length <= 63 && LABEL.test(name))) return undefined;
  return 'A namespace has at most 63 lower-case letters, digits and "-", and begins and ends with a letter or digit.';
}

export class Names {
  /** `data` are the addresses that the element carries. */
  constructor(form, data) {
    Object.assign(this, { form, data, asked: 0 });
    this.typed = (event) => {
      if (!["name", "namespace", "cluster"].includes(event.target.name)) return;
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.check(), PAUSE_MS);
    };
    form.addEventListener("input", this.typed);
  }

  value(name) {
    return this.form.elements.namedItem(name)?.value?.trim() ?? "";
  }

  async check() {
    const [name, namespace, cluster] = ["name", "namespace", "cluster"].map((field) => this.value(field));
    const wrong = complaintOfName(name);
    const wrongPlace = complaintOfNamespace(namespace);
    this.say("name", wrong);
    this.say("namespace", wrongPlace);
    const id = ++this.asked;
    if (wrong || wrongPlace || !name || !namespace || !cluster) return;
    const query = new URLSearchParams({ cluster, namespace, q: name });
    const found = await fetch(`${this.data.api}/releases?${query}`, { headers: { accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : undefined))
      .catch(() => undefined);
    // Where nobody answers, the plan will tell.
    if (id !== this.asked) return;
    const taken = found?.data?.releases?.find((release) => release.name === name && release.namespace === namespace && release.cluster === cluster);
    if (!taken) return;
    const path = ["releases", cluster, namespace, name, "upgrade"].map(encodeURIComponent).join("/");
    const link = element("a", { href: `${this.data.api.replace(/api\/v1$/, "")}${path}` }, "upgrade that one");
    this.say("name", `Namespace ${namespace} has a release ${name} already. Choose another name, or `, link);
  }

  /** Says it at the field, as the server does. */
  say(field, words, link) {
    const input = this.form.elements.namedItem(field);
    if (!input || input.type === "hidden") return;
    const id = `change-${field}-error`;
    let line = document.getElementById(id);
    if (!line) {
      if (!words) return;
      line = element("p", { className: "field__error", id });
      input.after(line);
    }
    line.role = "status";
    line.hidden = !words;
    if (line.textContent !== (words ?? "")) line.replaceChildren(words ?? "", ...(link ? [link, "."] : []));
    const others = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((other) => other && other !== id);
    const described = [...(words ? [id] : []), ...others].join(" ");
    if (described) input.setAttribute("aria-describedby", described);
    else input.removeAttribute("aria-describedby");
    if (words) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  close() {
    clearTimeout(this.pause);
    this.asked++;
    this.form.removeEventListener("input", this.typed);
  }
}
