// A place for uploads: files that are dropped or chosen are checked at once, and uploaded when somebody says so, each with
// how far it is.
//
// The form inside works without this. Both questions are the API's: what is odd about an archive, and to take it.

const AT_A_TIME = 2;

const element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
};

// `fetch` does not say how far an upload is.
const send = (url, file, onProgress) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Content-Type", "application/gzip");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => total && onProgress(loaded / total);
    request.onload = () => {
      const isDone = request.status >= 200 && request.status < 300;
      const why = request.response?.detail ?? `the server answered ${request.status}`;
      resolve(isDone ? { data: request.response?.data } : { error: why });
    };
    request.onerror = () => resolve({ error: "the server cannot be reached" });
    request.send(file);
  });

class ChartUpload extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    if (!form || this.list) return;
    this.form = form;
    this.files = [];
    this.list = element("ul", "upload-files");
    this.list.setAttribute("aria-live", "polite");
    this.button = form.querySelector(".button--primary");
    // Every file is checked anyway.
    form.querySelector("[formaction]").hidden = true;
    form.after(this.list);
    this.show();
    const input = form.querySelector("input[type=file]");
    input.addEventListener("change", () => {
      this.add(input.files);
      input.value = "";
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.upload();
    });
    form.addEventListener("dragover", (event) => {
      event.preventDefault();
      form.dataset.over = "";
    });
    form.addEventListener("dragleave", () => delete form.dataset.over);
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      delete form.dataset.over;
      this.add(event.dataTransfer.files);
    });
    input.required = false;
  }

  add(files) {
    for (const file of files) {
      const row = element("li", "upload-file");
      const body = element("div");
      const line = element("p");
      const progress = element("progress");
      const state = element("span", "upload-file__state");
      const findings = element("ul", "upload-file__findings");
      progress.setAttribute("aria-label", file.name);
      progress.max = 1;
      line.append(element("strong", "", file.name), " ", state);
      body.append(line, progress, findings);
      row.append(body);
      this.list.append(row);
      this.files.push({ file, row, state, progress, findings, step: "waiting" });
    }
    this.work();
  }

  // Provenance files come after the archives that they are of.
  next(step) {
    const ready = this.files.filter((one) => one.step === step);
    return ready.find(({ file }) => !file.name.endsWith(".prov")) ?? ready[0];
  }

  work() {
    const isBusy = () => this.files.filter(({ step }) => step === "checking" || step === "uploading").length >= AT_A_TIME;
    while (!isBusy()) {
      const wanted = this.next("wanted");
      const waiting = this.next("waiting");
      if (wanted) this.uploadOne(wanted);
      else if (waiting) this.checkOne(waiting);
      else break;
    }
    this.show();
    if (this.hasBegun && this.files.every(({ step }) => step === "done")) {
      location.assign(`${this.dataset.page}?done=uploaded`);
    }
  }

  async checkOne(one) {
    if (one.file.name.endsWith(".prov")) {
      this.say(one, "ready", "info", "provenance file");
      one.progress.hidden = true;
      return;
    }
    this.say(one, "checking", "info", "being checked");
    const { data, error } = await this.send("check", one);
    one.progress.hidden = true;
    if (error) {
      this.say(one, "refused", "danger", error);
    } else {
      for (const { level, text } of data.findings) {
        const item = element("li", "", text);
        item.dataset.level = { refused: "danger", warning: "warn", hint: "hint" }[level];
        one.findings.append(item);
      }
      const isRefused = data.findings.some(({ level }) => level === "refused");
      const what = data.chart ? `${data.chart.name} ${data.chart.version}` : "";
      if (isRefused) this.say(one, "refused", "danger", `${what} cannot be uploaded`.trim());
      else this.say(one, "ready", "info", `${what} can be uploaded`);
    }
    this.work();
  }

  async uploadOne(one) {
    this.say(one, "uploading", "info", "being uploaded");
    one.progress.hidden = false;
    const { data, error } = await this.send("charts", one);
    one.progress.hidden = true;
    if (error) this.say(one, "failed", "danger", `not uploaded: ${error}`);
    else this.say(one, "done", "ok", data ? `uploaded as ${data.name} ${data.version}` : "uploaded");
    this.work();
  }

  send(what, one) {
    one.progress.value = 0;
    return send(`${this.dataset.api}/${what}`, one.file, (share) => {
      one.progress.value = share;
    });
  }

  say(one, step, status, text) {
    one.step = step;
    one.row.dataset.status = status;
    one.state.textContent = text;
  }

  upload() {
    this.hasBegun = true;
    for (const one of this.files) if (one.step === "ready" || one.step === "failed") one.step = "wanted";
    this.work();
  }

  show() {
    const n = this.files.filter(({ step }) => step === "ready" || step === "failed").length;
    this.button.disabled = n === 0;
    this.button.textContent = n > 1 ? `Upload ${n} files` : "Upload";
  }
}

customElements.define("chart-upload", ChartUpload);
