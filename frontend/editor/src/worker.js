// The worker: the engine, one chart, and renders one after the other. It keeps no queue; `renders.js` does.
//
// What it is told: `start` (the engine's script and module, the archive), then `render` as often as wanted. A render that
// takes too long is ended from outside, by ending the worker.

let chart;
let engine;
let extras;

self.onmessage = async ({ data }) => {
  try {
    if (data.kind === "start") {
      await start(data);
      self.postMessage({ kind: "ready", defaults: chart.valuesText });
    } else {
      self.postMessage({ kind: "rendered", id: data.id, ...(await render(data.request)) });
    }
  } catch (error) {
    self.postMessage({ kind: "failed", id: data.id, why: words(error) });
  }
};

async function start({ script, module, extrasScript, extrasModule, archive }) {
  const preview = await import(script);
  await preview.default({ module_or_path: module });
  engine = new preview.Engine({});
  extras = { script: extrasScript, module: extrasModule };
  chart = engine.load(new Uint8Array(archive));
}

/** Renders; loads the second module where the chart needs it, once. */
async function render(request) {
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
  try {
    return { summary: JSON.parse(rendering.summary()), manifest: rendering.manifest(), notes: rendering.notes() };
  } finally {
    rendering.free();
  }
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
