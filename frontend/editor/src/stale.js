// A plan is of the form as it was sent: whoever edits on is told that it is old.

import { element, icon } from "./element.js";

export class Staleness {
  constructor(form) {
    this.form = form;
    this.plan = document.getElementById("plan");
    if (this.plan) this.sent = this.now();
  }

  /** What a plan is made from. */
  now() {
    const fields = [...new FormData(this.form)].filter(([name]) => !["form_token", "hash", "kept"].includes(name));
    return JSON.stringify(fields);
  }

  look() {
    if (!this.plan) return;
    const isOld = this.now() !== this.sent;
    if (isOld === Boolean(this.notice)) return;
    this.plan.toggleAttribute("data-stale", isOld);
    if (!isOld) {
      this.notice.remove();
      this.notice = undefined;
      return;
    }
    const words = element("p", {}, "You have changed something since this plan was made. ", element("strong", {}, "Plan again"), " to see what would be done now.");
    this.notice = element("div", { className: "notice plan-stale", role: "status" }, icon("alert"), words);
    this.notice.dataset.status = "warn";
    this.plan.prepend(this.notice);
  }

  close() {
    this.notice?.remove();
    this.plan?.removeAttribute("data-stale");
  }
}
