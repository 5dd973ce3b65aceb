// Times the browser's module, in Node, on the cases of a conformance directory: one JSON line a case.
// A render counts until the page has objects, manifest and notes.
//
// usage: wasm_render.cjs MODULE EXTRAS DIRECTORY RUNS < case indices, a line each, answered at once
"use strict";
const [core, extras, directory, runs] = process.argv.slice(1);
const { Engine } = require(core);
const { generateKeyPairSync } = require("node:crypto");
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const { createInterface } = require("node:readline");

const engine = new Engine({
  rsaKey(bits) {
    const privateKeyEncoding = { type: "pkcs1", format: "pem" };
    return generateKeyPairSync("rsa", { modulusLength: bits, privateKeyEncoding }).privateKey;
  },
});

function timed(times, work) {
  const start = performance.now();
  const result = work();
  times.push(performance.now() - start);
  return result;
}

function render(chart, request) {
  let rendering = chart.render(request);
  if (rendering.needsExtras) {
    rendering.free();
    engine.useExtras(require(extras).answer);
    rendering = chart.render(request);
  }
  const shown = [JSON.parse(rendering.summary()), rendering.manifest(), rendering.notes()];
  rendering.free();
  return shown;
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

const index = JSON.parse(readFileSync(join(directory, "golden/index.json")));
createInterface({ input: process.stdin, terminal: false }).on("line", (number) => {
  const { corpus, chart: name, case: case_, tgz } = index[number];
  const archive = readFileSync(join(directory, "charts", corpus, tgz));
  const valuesPath = join(directory, "golden", corpus, name, case_ + ".values.json");
  const values = existsSync(valuesPath) ? JSON.parse(readFileSync(valuesPath)) : null;
  const request = JSON.stringify({ values, unixMillis: Date.now(), seed: 1 });
  const [load, first, again] = [[], [], []];
  for (let run = 0; run < Number(runs); run++) {
    const chart = timed(load, () => engine.load(archive));
    timed(first, () => render(chart, request));
    timed(again, () => render(chart, request));
    chart.free();
  }
  const line = { case: Number(number), load_ms: median(load), render_ms: median(first), render_again_ms: median(again) };
  process.stdout.write(JSON.stringify(line) + "\n");
});
