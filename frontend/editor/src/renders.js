// Renders in a worker, the newest text first: what is stale is skipped, and what takes too long is ended with its worker.
//
// The page itself never waits. A worker that was ended is replaced at the next render; the engine's module is compiled
// once and the archive fetched once, so a new worker only reads the chart again.

/** Nobody waits longer for a look; a chart that needs more is hostile, or a case for the plan. */
const DEADLINE_MS = 8_000;
/** A worker that starts has to load and to compile, which a slow machine may take its time for. */
const START_DEADLINE_MS = 60_000;
/** A render that is stale is ended after so long, instead of being waited for. */
const STALE_MS = 1_500;

export class Renders {
  /** `sources` is what workers start with, `data` the addresses of the element; `told` is told what came of it. */
  constructor(sources, data, told) {
    this.sources = sources;
    this.data = data;
    this.told = told;
    this.moment = Date.now();
    this.seed = Math.floor(Math.random() * 2 ** 32);
    this.facts = new Map();
    this.ids = 0;
    this.isClosed = false;
  }

  /** Renders what is wanted as soon as there is time; only the last that was asked for is answered for certain. */
  ask(wanted) {
    this.next = wanted;
    this.told.busy(true);
    this.go();
  }

  close() {
    this.isClosed = true;
    this.end();
  }

  async go() {
    if (this.isClosed || !this.next) return;
    if (this.running) {
      // It may come to its end in a moment; if not, its answer is not worth the wait.
      this.staleness ??= setTimeout(() => this.running && this.next && this.restart(), STALE_MS);
      return;
    }
    if (this.isStarting) return;
    if (!this.worker) {
      await this.start();
      return;
    }
    const wanted = this.next;
    this.next = undefined;
    const id = ++this.ids;
    this.running = { id, wanted };
    const request = await this.request(wanted);
    if (this.running?.id !== id) return;
    this.deadline = setTimeout(() => this.late(), DEADLINE_MS);
    this.worker.postMessage({ kind: "render", id, request });
  }

  async request(wanted) {
    const facts = await this.clusterFacts(wanted.cluster);
    return {
      releaseName: wanted.name,
      namespace: wanted.namespace,
      isUpgrade: wanted.isUpgrade,
      valuesFiles: [wanted.values],
      unixMillis: this.moment,
      seed: this.seed,
      checkKubeVersion: true,
      // The engine ends it first, which tells where it was.
      timeLimitMillis: DEADLINE_MS - 1_000,
      hideSecrets: !this.showsSecrets,
      ...(facts && { kubeVersion: facts.kubernetes_version, apiVersions: facts.api_versions }),
    };
  }

  /** What templates see of a cluster; what Helm assumes where it does not answer. */
  clusterFacts(cluster) {
    if (!cluster) return undefined;
    if (!this.facts.has(cluster)) {
      const address = `${this.data.api}/clusters/${encodeURIComponent(cluster)}/facts`;
      const asked = fetch(address, { headers: { accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : undefined))
        .then((answer) => answer?.data)
        .catch(() => undefined)
        .then((facts) => {
          // The next render may find it again.
          if (!facts) this.facts.delete(cluster);
          return facts;
        });
      this.facts.set(cluster, asked);
    }
    return this.facts.get(cluster);
  }

  async start() {
    this.isStarting = true;
    try {
      const worker = await this.sources.worker();
      if (this.isClosed) return worker.terminate();
      this.worker = worker;
      worker.onmessage = ({ data }) => worker === this.worker && this.heard(data);
      worker.onerror = (event) => worker === this.worker && this.broken(event.message);
      this.deadline = setTimeout(() => this.broken("it did not start"), START_DEADLINE_MS);
    } catch (error) {
      this.isStarting = false;
      this.told.busy(false);
      this.told.failed(`The preview could not be loaded: ${error.message}. The button Preview asks the server instead.`);
    }
  }

  heard(data) {
    if (data.kind === "origin") {
      this.origins?.get(data.id)?.(data.origin);
      this.origins?.delete(data.id);
      return;
    }
    this.calm();
    if (data.kind === "ready") {
      this.isStarting = false;
      this.go();
      return;
    }
    const { wanted } = this.running ?? {};
    this.running = undefined;
    if (data.kind === "failed") {
      this.told.failed(`The chart cannot be previewed here: ${data.why}`);
      // Without its chart a worker is of no use, and an engine that broke down answers nothing right any more: the next
      // edit tries another.
      if (this.isStarting) this.next = undefined;
      this.end();
    } else if (wanted) {
      this.told.done(data, { wanted, render: (values) => this.aside(wanted, values) });
    }
    this.told.busy(Boolean(this.next));
    this.go();
  }

  /** The same with other values, to compare with; asked of the same worker when it has time. */
  async aside(wanted, values) {
    const key = JSON.stringify([wanted.name, wanted.namespace, wanted.cluster, wanted.isUpgrade, this.showsSecrets, values]);
    if (this.lastAside?.key === key) return this.lastAside.answer;
    const worker = this.worker;
    if (!worker || this.running || this.next) return undefined;
    const id = ++this.ids;
    const request = await this.request({ ...wanted, values });
    if (worker !== this.worker || this.running || this.next) return undefined;
    const answer = await new Promise((resolve) => {
      this.running = { id };
      this.deadline = setTimeout(() => this.late(), DEADLINE_MS);
      const before = worker.onmessage;
      worker.onmessage = (event) => {
        if (event.data.id !== id) return before(event);
        worker.onmessage = before;
        this.calm();
        this.running = undefined;
        resolve(event.data.kind === "rendered" ? event.data : undefined);
        this.go();
      };
      // A worker that is ended answers nothing: the next render asks again.
      worker.postMessage({ kind: "render", id, request, isAside: true });
    });
    if (answer) this.lastAside = { key, answer };
    return answer;
  }

  /** What made a line of the last render that came to something; nothing where nobody knows. */
  origin(path, line) {
    if (!this.worker || this.isStarting) return Promise.resolve(undefined);
    const id = ++this.ids;
    this.origins ??= new Map();
    return new Promise((resolve) => {
      this.origins.set(id, resolve);
      this.worker.postMessage({ kind: "origin", id, path, line });
    });
  }

  late() {
    const seconds = DEADLINE_MS / 1000;
    this.end();
    this.told.busy(false);
    this.told.failed(
      `The chart did not render within ${seconds} s and was ended. It is tried again when something is edited.`,
    );
  }

  broken(why) {
    this.end();
    this.told.busy(false);
    this.told.failed(`The preview has ended: ${why || "it ran out of memory"}. It is tried again when something is edited.`);
  }

  restart() {
    this.end();
    this.go();
  }

  end() {
    this.calm();
    this.worker?.terminate();
    this.worker = undefined;
    this.running = undefined;
    this.isStarting = false;
    for (const resolve of this.origins?.values() ?? []) resolve(undefined);
    this.origins?.clear();
  }

  calm() {
    clearTimeout(this.deadline);
    clearTimeout(this.staleness);
    this.staleness = undefined;
  }
}
