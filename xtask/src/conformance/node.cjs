// The Node side of `cargo xtask conformance --wasm`: a line of JSON in, a line of JSON out.
// {"ok": …} is an answer, {"error": "…"} a refusal in Helm's words, {"crash": "…"} the end of this process.
"use strict";
const { Engine, checkReleaseName, setValues, readRelease } = require(process.argv[1]);
const { generateKeyPairSync } = require("node:crypto");
const { readFileSync, writeSync } = require("node:fs");
const { createInterface } = require("node:readline");

const engine = new Engine({
  timeZone(name) {
    const plain = name.split("/").every((part) => part !== "" && !part.startsWith("."));
    return plain && !name.includes("\\") ? new Uint8Array(readFileSync("/usr/share/zoneinfo/" + name)) : undefined;
  },
  rsaKey(bits) {
    const privateKeyEncoding = { type: "pkcs1", format: "pem" };
    return generateKeyPairSync("rsa", { modulusLength: bits, privateKeyEncoding }).privateKey;
  },
});
const charts = new Map();

const operations = {
  load: ({ chart, archive }) => void charts.set(chart, engine.load(Buffer.from(archive, "base64"))),
  loadDirectory: ({ chart, files }) => void charts.set(chart, engine.loadDirectory(files)),
  forget({ chart }) {
    charts.get(chart)?.free();
    charts.delete(chart);
  },
  render({ chart, request }) {
    const rendering = charts.get(chart).render(request);
    const everything = rendering.everything();
    rendering.free();
    return new Json(everything);
  },
  checkReleaseName({ name }) {
    const error = checkReleaseName(name);
    if (error !== undefined) throw error;
  },
  setValues: ({ flag, expression }) => new Json(setValues(flag, expression)),
  readRelease: ({ payload, moment, seconds }) => new Json(readRelease(payload, moment, seconds)),
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
    write(answer instanceof Json ? `{"ok":${answer.text}}` : '{"ok":null}');
  } catch (error) {
    if (typeof error === "string") {
      // A problem of loading is an object, everything else its words.
      const words = message.op.startsWith("load") ? JSON.parse(error).message : error;
      write(JSON.stringify({ error: words }));
      return;
    }
    write(JSON.stringify({ crash: String(error?.stack ?? error) }));
    process.exit(1);
  }
});
