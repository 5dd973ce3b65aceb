// What workers are started with, fetched and compiled once for all of them: the engine's module, and charts' archives.

export class Sources {
  /** `data` are the addresses that the element carries. */
  constructor(data) {
    this.data = data;
    this.archives = new Map();
  }

  module() {
    this.compiled ??= WebAssembly.compileStreaming(fetch(this.data.engineModule));
    return this.compiled;
  }

  /** A chart's archive; what failed is tried again the next time. */
  archive(path = this.data.archive) {
    if (!this.archives.has(path)) {
      const fetched = fetch(path).then((answer) => {
        if (!answer.ok) throw new Error("the chart's archive is not here");
        return answer.arrayBuffer();
      });
      fetched.catch(() => this.archives.delete(path));
      this.archives.set(path, fetched);
    }
    return this.archives.get(path);
  }

  /** A worker, told to start; `more` is what it is told besides. */
  async worker(more = {}) {
    const [module, archive] = await Promise.all([this.module(), this.archive()]);
    const worker = new Worker(this.data.worker, { type: "module" });
    worker.postMessage({
      kind: "start",
      script: address(this.data.engine),
      module,
      extrasScript: address(this.data.extras),
      extrasModule: address(this.data.extrasModule),
      archive,
      ...more,
    });
    return worker;
  }
}

/** A worker resolves addresses by its own. */
function address(path) {
  return new URL(path, location.href).href;
}
