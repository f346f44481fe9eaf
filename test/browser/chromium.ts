import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

export const chromiumMissing: string | null = existsSync(executablePath) ? null : `there is no Chromium at ${executablePath}`;

/** Nothing that Chromium does by itself, and nothing remembered from an earlier run. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Chromium {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

export async function startChromium(options: {
  readonly width: number;
  readonly height: number;
  readonly colorScheme: "light" | "dark";
}): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), "understudy-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: quiet,
    viewport: { width: options.width, height: options.height },
    colorScheme: options.colorScheme,
    locale: "en-GB",
    timezoneId: "UTC",
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
