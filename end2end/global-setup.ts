// One program with the whole conformance repository synced, for all tests that only read.

import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { startChartroom, synced } from "./fixtures/chartroom.ts";
import { archivesBelow, serveRepository } from "./fixtures/repository.ts";
import { stateFile, type State } from "./fixtures/state.ts";

export default async function setup(): Promise<() => Promise<void>> {
  const conformance = process.env["CHARTROOM_CONFORMANCE"] ?? resolve("../../shared/conformance");
  const folder = resolve(conformance, "charts");
  if (!existsSync(folder)) {
    if (process.env["CI"]) throw new Error(`the conformance charts are not in ${folder}`);
    console.warn(`SKIPPED: the tests that read the conformance charts; there is no ${folder}`);
  }
  const repository = await serveRepository(existsSync(folder) ? archivesBelow(folder) : []);
  const started = Date.now();
  const chartroom = await startChartroom({
    environment: {
      CHARTROOM__REPOSITORIES: `[{ name = "conformance", url = "${repository.url}", allow_private_network = true, archives = "all" }]`,
      CHARTROOM__TELEMETRY__LOG: "warn",
    },
  });
  await synced(chartroom.url);
  console.log(`synced ${repository.charts.length} charts in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  const samples = await startChartroom({ environment: { CHARTROOM__TELEMETRY__LOG: "warn" } });
  await synced(samples.url);
  const state: State = {
    url: chartroom.url,
    samplesUrl: samples.url,
    samplesPid: samples.process.pid ?? 0,
    charts: repository.charts.map(({ name, version, readme }) => ({ name, version, readme: readme ?? null })),
  };
  writeFileSync(stateFile, JSON.stringify(state));
  return async () => {
    await chartroom.stop();
    await samples.stop();
    await repository.close();
  };
}
