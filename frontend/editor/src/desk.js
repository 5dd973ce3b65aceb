// Questions about the values, answered by a worker of their own: a render that takes its time keeps no help waiting, and
// no question keeps a key waiting.
//
// Of a channel only the newest question is answered; those before it come to nothing, asked or not.
//
// What takes too long is ended with its worker, and whoever edits is told. A channel on which that happens twice in a row
// is not asked any more: the chart is to blame, and would keep a processor busy at every key.

/** A question that takes longer is given up with its worker; the next one starts another. */
const DEADLINE_MS = 5_000;
/** Reading a chart of thousands of values takes a slow machine its time. */
const START_DEADLINE_MS = 60_000;
/** How often in a row a channel may take too long. */
const MAX_ENDED = 2;

export class Desk {
  /** `start` makes a worker that was told to start, and answers a promise of it; `told` is told why one was ended. */
  constructor(start, told = () => {}) {
    this.start = start;
    this.told = told;
    /** How often in a row a channel has taken too long. */
    this.ended = new Map();
    this.waiting = [];
    this.ids = 0;
    this.isClosed = false;
  }

  /** The answer, or nothing: where a newer question of the channel came, where the worker failed, where it is over. */
  ask(channel, question) {
    if (this.isClosed || this.ended.get(channel) >= MAX_ENDED) return Promise.resolve(undefined);
    this.waiting = this.waiting.filter((other) => {
      if (other.channel !== channel) return true;
      other.resolve(undefined);
      return false;
    });
    if (this.running?.channel === channel) this.running.isStale = true;
    return new Promise((resolve) => {
      this.waiting.push({ id: ++this.ids, channel, question, resolve });
      this.go();
    });
  }

  async go() {
    if (this.running || this.isStarting || this.isClosed || this.waiting.length === 0) return;
    if (!this.worker) {
      this.isStarting = true;
      try {
        const worker = await this.start();
        if (this.isClosed) return worker.terminate();
        this.worker = worker;
        worker.onmessage = ({ data }) => worker === this.worker && this.heard(data);
        worker.onerror = () => worker === this.worker && this.restart();
        this.deadline = setTimeout(() => this.neverStarted(), START_DEADLINE_MS);
      } catch {
        this.isStarting = false;
        this.giveUp();
      }
      return;
    }
    this.running = this.waiting.shift();
    this.deadline = setTimeout(() => this.late(), DEADLINE_MS);
    this.worker.postMessage({ kind: "ask", id: this.running.id, question: this.running.question });
  }

  heard(data) {
    clearTimeout(this.deadline);
    if (data.kind === "ready") {
      this.isStarting = false;
    } else if (!this.running) {
      // It did not start: without the chart there is nothing to be helped with.
      this.isClosed = true;
      this.giveUp();
    } else if (data.kind === "failed") {
      // An engine that broke down once answers nothing right any more.
      return this.restart();
    } else {
      const { channel, resolve, isStale } = this.running;
      this.running = undefined;
      this.ended.delete(channel);
      resolve(isStale ? undefined : data.answer);
    }
    this.go();
  }

  /** The worker does not answer. */
  late() {
    const { channel } = this.running;
    this.ended.set(channel, (this.ended.get(channel) ?? 0) + 1);
    const again = this.ended.get(channel) < MAX_ENDED ? " It is tried again when something is edited." : "";
    this.told(`This chart keeps what helps with its values busy for more than ${DEADLINE_MS / 1000} s, so it was ended. The text can be edited all the same.${again}`);
    this.restart();
  }

  /** What reads the chart for a minute would read it for another. */
  neverStarted() {
    this.told(`The chart could not be read within ${START_DEADLINE_MS / 1000} s, so nothing helps with its values. The text can be edited all the same.`);
    this.close();
  }

  /** What was asked is not asked again: it may be what took so long. */
  restart() {
    this.worker?.terminate();
    this.worker = undefined;
    this.isStarting = false;
    clearTimeout(this.deadline);
    this.running?.resolve(undefined);
    this.running = undefined;
    this.go();
  }

  giveUp() {
    for (const { resolve } of this.waiting.splice(0)) resolve(undefined);
  }

  close() {
    this.isClosed = true;
    this.giveUp();
    this.restart();
  }
}
