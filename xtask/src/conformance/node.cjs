// The Node side of `cargo xtask conformance --wasm`: a line of JSON in, a line of JSON out.
// {"ok": …} is an answer, {"error": "…"} a refusal in Helm's words, {"crash": "…"} the end of this process.
// To be told to forget a chart has no answer.
"use strict";
const [core, extras] = process.argv.slice(1);
const { Engine, checkReleaseName, setValues } = require(core);
const { generateKeyPairSync } = require("node:crypto");
const { readFileSync, writeSync } = require("node:fs");
const { createInterface } = require("node:readline");

// What the module asks of a page.
const page = {
  timeZone(name) {
    const plain = name.split("/").every((part) => part !== "" && !part.startsWith("."));
    return plain && !name.includes("\\") ? new Uint8Array(readFileSync("/usr/share/zoneinfo/" + name)) : undefined;
  },
  rsaKey(bits) {
    const privateKeyEncoding = { type: "pkcs1", format: "pem" };
    return generateKeyPairSync("rsa", { modulusLength: bits, privateKeyEncoding }).privateKey;
  },
};
// Each chart has an engine of its own, so that each is rendered without the second module until it asks for it.
const charts = new Map();
let loaded = 0;
let needing = 0;

function load({ chart: id, archive, files }) {
  const engine = new Engine(page);
  const kept = { engine };
  charts.set(id, kept);
  loaded += 1;
  try {
    kept.chart = files === undefined ? engine.load(Buffer.from(archive, "base64")) : engine.loadDirectory(files);
  } catch (error) {
    if (typeof error !== "string") throw error;
    kept.refusal = JSON.parse(error).message;
  }
}

const operations = {
  forget({ chart: id }) {
    const { engine, chart } = charts.get(id);
    chart?.free();
    engine.free();
    charts.delete(id);
  },
  render({ chart: id, load: unknown, request }) {
    if (unknown !== undefined) load(unknown);
    const { engine, chart, refusal } = charts.get(id);
    if (refusal !== undefined) throw refusal;
    let rendering = chart.render(request);
    if (rendering.needsExtras) {
      rendering.free();
      needing += 1;
      engine.useExtras(require(extras).answer);
      rendering = chart.render(request);
    }
    const everything = rendering.everything();
    rendering.free();
    return new Json(everything);
  },
  extrasNeeded: () => new Json(JSON.stringify({ loaded, needing })),
  checkReleaseName({ name }) {
    const error = checkReleaseName(name);
    if (error !== undefined) throw error;
  },
  setValues: ({ flag, expression }) => new Json(setValues(flag, expression)),
  readRelease: ({ payload, moment, seconds }) => new Json(require(extras).readRelease(payload, moment, seconds)),
};

/** A text that is JSON already. */
class Json {
  constructor(text) {
    this.text = text;
  }
}

function write(line) {
  const bytes = Buffer.from(line + "\n");
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

createInterface({ input: process.stdin, terminal: false }).on("line", (line) => {
  const message = JSON.parse(line);
  try {
    const answer = operations[message.op](message);
    if (message.op === "forget") return;
    write(answer instanceof Json ? `{"ok":${answer.text}}` : '{"ok":null}');
  } catch (error) {
    if (typeof error === "string") {
      write(JSON.stringify({ error }));
      return;
    }
    write(JSON.stringify({ crash: String(error?.stack ?? error) }));
    process.exit(1);
  }
});
