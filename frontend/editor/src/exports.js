// The values taken along: as a file, in a link, as a command of helm, as objects for Flux and Argo CD. What those are the
// desk says.

import { element, icon } from "./element.js";
import { linkTo, refusal } from "./share.js";

/** So long a button says what came of it. */
const SAID_MS = 1800;

/** Where the chart is from and where it goes, as the desk wants it; `field` answers what the form holds. */
export function target({ field, data }) {
  const { repository, repositoryUrl: url } = data;
  const source = !url
    ? { kind: "archive", url: data.archiveUrl }
    : url.startsWith("oci://")
      ? { kind: "oci", url }
      : { kind: "http", name: repository, url };
  return {
    release: field("name") || data.release || "my-release",
    namespace: field("namespace") || data.namespace || "default",
    chart: data.chart,
    version: data.version,
    source,
  };
}

/** What helm is told besides, where it differs from what helm does anyway. */
export function options({ field }) {
  const number = (name, plain) => {
    const text = field(name).trim();
    return /^\d+$/.test(text) && text !== plain ? Number(text) : null;
  };
  const flag = (name) => field(name) !== "";
  return {
    createNamespace: flag("create_namespace"),
    wait: flag("wait"),
    waitForJobs: flag("wait_for_jobs"),
    rollbackOnFailure: flag("rollback_on_failure"),
    skipCrds: flag("skip_crds"),
    noHooks: flag("no_hooks"),
    forceConflicts: flag("force_conflicts"),
    takeOwnership: flag("take_ownership"),
    timeoutSecs: number("timeout_secs", "300"),
    historyMax: number("history_max", "10"),
    description: field("description") || null,
    labels: field("labels").split("\n").map((line) => line.trim()).filter(Boolean),
  };
}

const SHARE = "Copy link with these values";

const COPIES = [
  ["Copy helm command", "helm"],
  ["Copy HelmRelease (Flux)", "flux"],
  ["Copy Application (Argo CD)", "argoCd"],
];

export class Exports {
  /** A menu above the values; `state` answers what there is to take along. */
  constructor(place, desk, state) {
    const head = place.querySelector("[data-exports]");
    if (!head) return;
    this.desk = desk;
    this.state = state;
    const file = element("button", { type: "button" }, "Save as values.yaml");
    file.addEventListener("click", () => {
      this.save();
      this.menu.open = false;
    });
    const copies = COPIES.map(([label, format]) => {
      const button = element("button", { type: "button" }, label);
      button.addEventListener("click", () => this.copy(button, label, format));
      return button;
    });
    const link = element("button", { type: "button" }, SHARE);
    link.addEventListener("click", () => this.share(link));
    this.said = element("p", { role: "status", hidden: true });
    this.menu = element(
      "details",
      { className: "take" },
      element("summary", {}, "Take along", icon("down")),
      element("div", { className: "take__list" }, file, link, ...copies, this.said),
    );
    this.menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.menu.open) return;
      this.menu.open = false;
      this.menu.firstChild.focus();
    });
    this.menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !this.menu.contains(event.relatedTarget)) this.menu.open = false;
    });
    this.outside = (event) => {
      if (!this.menu.contains(event.target)) this.menu.open = false;
    };
    document.addEventListener("pointerdown", this.outside);
    head.replaceChildren(this.menu);
    this.head = head;
  }

  save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([this.state().text], { type: "application/yaml" }));
    link.download = "values.yaml";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async copy(button, label, format) {
    const state = this.state();
    const verb = state.data.upgrade === "true" ? "upgrade" : "install";
    const answer = await this.desk.ask("export", { kind: "export", text: state.text, format, verb, target: target(state), options: options(state) });
    if (!answer?.text) return this.refuse(answer?.error ?? "it cannot be made just now");
    await this.put(button, label, answer.text);
  }

  /** A link that brings these values along, unless one of them is secret. */
  async share(button) {
    const { text, secrets } = this.state();
    const why = refusal(text, secrets);
    if (why) return this.refuse(`There is no link: ${why} Save the values as a file instead.`);
    const link = await linkTo(location.href, text);
    if (!link) return this.refuse("The values are too long for a link. Save them as a file instead.");
    await this.put(button, SHARE, link);
  }

  refuse(why) {
    this.said.hidden = false;
    this.said.textContent = `${why[0].toUpperCase()}${why.slice(1).replace(/\.$/, "")}.`;
  }

  async put(button, label, text) {
    this.said.hidden = true;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "The clipboard is not allowed";
    }
    setTimeout(() => (button.textContent = label), SAID_MS);
  }

  close() {
    document.removeEventListener("pointerdown", this.outside);
    this.head?.replaceChildren();
  }
}
