import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { administrator, type ConsoleServer, startConsoleServer } from "../functions/console/console-server.ts";
import { MemoryConsoleData } from "../functions/console/memory-console-data.ts";
import { clusterId, following, healthySample, nodeId, sampleEvent } from "../functions/console/sample-cluster.ts";
import { hostileTexts, pwnedFlag } from "../security/hostile-texts.ts";
import { chromiumMissing, startChromium } from "./chromium.ts";
import { logIn } from "./log-in.ts";

/** As many events as a page of the cluster's story has, each with its share of all texts. */
const eventsShown = 50;
const share = Math.ceil(hostileTexts.length / eventsShown);
const reasons = Array.from({ length: eventsShown }, (_, index) => hostileTexts.slice(index * share, (index + 1) * share).join(" "));
const names = hostileTexts.filter((text) => text.length < 120);
const nameAt = (index: number): string => `${names[(index * 37) % names.length]} ${index}`;

/** Without what HTML itself does not keep. */
const plain = (text: string): string => text.replaceAll("\0", "").replaceAll(/[\s\p{Cs}\ufffd]+/gu, "");

describe.skipIf(chromiumMissing !== null)(
  `hostile texts in Chromium${chromiumMissing === null ? "" : ` (skipped: ${chromiumMissing})`}`,
  () => {
    const data = new MemoryConsoleData();
    let server: ConsoleServer;
    let dataDir = "";

    beforeAll(async () => {
      dataDir = mkdtempSync(join(tmpdir(), "understudy-hostile-"));
      server = await startConsoleServer({ data, dataDir });
      for (let index = 0; index < 20; index += 1) {
        const sample = healthySample({
          number: index + 1,
          name: nameAt(index),
          nodeNames: [nameAt(index + 20), nameAt(index + 40), nameAt(index + 60)],
        });
        const problem = reasons[index] ?? "";
        const reports = sample.reports.map((report) => ({ ...report, dataSets: [following({ problem })] }));
        const events = reasons.map((reason, at) =>
          sampleEvent(sample.document, nodeId((index + 1) * 10), at + 1, { kind: "document.refused", reason }),
        );
        data.put({ ...sample, reports, events }, data.addCustomer(nameAt(index + 80)));
      }
    });
    afterAll(async () => {
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    });

    it("500 hostile texts on the console's pages: nothing runs, nothing is asked for, no row breaks", async () => {
      const chromium = await startChromium({ width: 1280, height: 900, colorScheme: "light" });
      try {
        const page = chromium.context.pages()[0] ?? (await chromium.context.newPage());
        const wrong: string[] = [];
        page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(`console: ${message.text()}`));
        page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
        page.on("request", (request) => !request.url().startsWith(server.url) && wrong.push(`asked for: ${request.url()}`));
        page.on("dialog", (dialog) => {
          wrong.push(`dialog: ${dialog.message()}`);
          void dialog.dismiss();
        });
        await page.addInitScript(
          "document.addEventListener('securitypolicyviolation', (event) => console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI))",
        );
        await logIn(page, server.url, "/", administrator);
        for (const path of ["/", `/clusters/${clusterId(1)}`, "/customers/cust_00000000000000000001"]) {
          await page.goto(server.url + path);
          expect(await page.evaluate(`window.${pwnedFlag}`), path).toBe(undefined);
          expect(
            await page.evaluate(
              "document.querySelectorAll('main script, main iframe, main object, main base, main [onerror], main [onload], main [onfocus]').length",
            ),
            path,
          ).toBe(0);
          expect(wrong, path).toEqual([]);
        }
        await page.goto(`${server.url}/clusters/${clusterId(1)}`);
        const shown = await page.locator(".event").allTextContents();
        expect(shown.length).toBe(eventsShown);
        for (const reason of reasons)
          expect(
            shown.some((text) => plain(text).includes(plain(reason))),
            reason.slice(0, 80),
          ).toBe(true);
        // They are what they are meant to be: where nothing escapes them, they run.
        const open = await chromium.context.newPage();
        await open.setContent(hostileTexts.join(" "));
        await open.waitForFunction(`window.${pwnedFlag} === 1`);
      } finally {
        await chromium.close();
      }
    });
  },
);
