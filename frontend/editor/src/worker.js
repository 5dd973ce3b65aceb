// The worker: the engine, one chart, and one thing after the other. It keeps no queue; `renders.js` and `desk.js` do.
//
// What it is told: `start` (the engine's script and module, the archive; for a desk `isDesk`, and of an upgrade the
// archive that is installed), then `render`, `origin` or `ask` as often as wanted. What takes too long is ended from
// outside, by ending the worker.

let chart;
let desk;
let engine;
let extras;
/** What the last render that came to something was asked: a click on a line of it asks again, for how it came about. */
let last;

self.onmessage = async ({ data }) => {
  try {
    if (data.kind === "start") {
      await start(data);
      self.postMessage({ kind: "ready" });
    } else if (data.kind === "ask") {
      const answer = JSON.parse(desk.ask(JSON.stringify(data.question)));
      self.postMessage({ kind: "answered", id: data.id, answer });
    } else if (data.kind === "origin") {
      const found = last && chart.origin(last, data.path, data.line);
      self.postMessage({ kind: "origin", id: data.id, origin: found && JSON.parse(found) });
    } else {
      self.postMessage({ kind: "rendered", id: data.id, ...(await render(data)) });
    }
  } catch (error) {
    self.postMessage({ kind: "failed", id: data.id, why: words(error) });
  }
};

async function start({ script, module, extrasScript, extrasModule, archive, installed, isDesk }) {
  const preview = await import(script);
  await preview.default({ module_or_path: module });
  engine = new preview.Engine({});
  extras = { script: extrasScript, module: extrasModule };
  chart = engine.load(new Uint8Array(archive));
  if (!isDesk) return;
  desk = chart.desk();
  if (installed) desk.upgradeFrom(engine.load(new Uint8Array(installed)));
}

/** Renders; loads the second module where the chart needs it, once. */
async function render({ request, isAside }) {
  const json = JSON.stringify(request);
  let rendering = chart.render(json);
  if (rendering.needsExtras && extras) {
    rendering.free();
    const module = await import(extras.script);
    await module.default({ module_or_path: extras.module });
    engine.useExtras(module.answer);
    extras = undefined;
    rendering = chart.render(json);
  }
  const summary = JSON.parse(rendering.summary());
  const answer = { summary, manifest: rendering.manifest(), notes: rendering.notes() };
  rendering.free();
  if (!isAside && !summary.problem) last = json;
  return answer;
}

/** A problem comes as JSON, anything else as an error. */
function words(error) {
  const text = typeof error === "string" ? error : (error?.message ?? String(error));
  try {
    return JSON.parse(text).message ?? text;
  } catch {
    return text;
  }
}
