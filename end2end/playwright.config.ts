import { defineConfig, devices } from "@playwright/test";

// Worker processes inherit it: all of one run share the state file.
process.env["CHARTROOM_E2E_RUN"] ??= String(process.pid);

const launchOptions = {
  executablePath: process.env["CHARTROOM_CHROMIUM"]?.includes("/") ? process.env["CHARTROOM_CHROMIUM"] : `/usr/bin/${process.env["CHARTROOM_CHROMIUM"] ?? "chromium"}`,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

export default defineConfig({
  testDir: "tests",
  globalSetup: "./global-setup.ts",
  fullyParallel: true,
  forbidOnly: Boolean(process.env["CI"]),
  workers: 2,
  timeout: 60_000,
  reporter: [["list"]],
  use: { launchOptions, trace: "retain-on-failure" },
  projects: [
    { name: "chromium", use: { ...devices["Desktop Chrome"], launchOptions }, testIgnore: "*.nojs.spec.ts" },
    {
      name: "nojs",
      use: { ...devices["Desktop Chrome"], launchOptions, javaScriptEnabled: false },
      testMatch: "*.nojs.spec.ts",
    },
    {
      name: "mobile",
      use: { ...devices["Pixel 7"], viewport: { width: 390, height: 844 }, launchOptions },
      testMatch: "*.mobile.spec.ts",
    },
  ],
});
