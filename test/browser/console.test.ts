import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Refusal } from "../../functions/use-cases/refusal.ts";
import { administrator, type ConsoleServer, startConsoleServer } from "../functions/console/console-server.ts";
import { MemoryConsoleData } from "../functions/console/memory-console-data.ts";
import {
  clusterId,
  following,
  healthySample,
  nodeId,
  sampleDocument,
  sampleEvent,
  takenOverSample,
} from "../functions/console/sample-cluster.ts";
import { type Chromium, chromiumMissing, startChromium } from "./chromium.ts";
import { lowContrasts, unnamedControls } from "./legibility.ts";
import { logIn } from "./log-in.ts";

const three = { nodeNames: ["node-a", "node-b", "node-c"] };
const evil = `<img src=x onerror="document.title='pwned'">`;
const switchboard = `/clusters/${clusterId(1)}`;
const pages = [
  "/users",
  "/api-keys",
  "/audit",
  "/",
  "/?q=nothing-like-that",
  "/customers",
  "/licences?show=all",
  "/fleet/bulk",
  switchboard,
  `${switchboard}/licences`,
  `${switchboard}/changes`,
  `/clusters/${clusterId(2)}`,
  `/clusters/${clusterId(3)}`,
  `/clusters/${clusterId(4)}`,
  "/customers/cust_00000000000000000001",
  "/customers/new",
];

const overlapsInTop = (page: Page) =>
  page.evaluate<boolean>(`[...document.querySelectorAll(".crumbs li")].some((crumb) => crumb.checkVisibility() &&
    crumb.getBoundingClientRect().right > document.querySelector(".top-actions").getBoundingClientRect().left)`);
const groundOf = (page: Page) => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");

describe.skipIf(chromiumMissing !== null)(
  `the console in Chromium${chromiumMissing === null ? "" : ` (skipped: ${chromiumMissing})`}`,
  () => {
    const data = new MemoryConsoleData();
    let server: ConsoleServer;
    let dataDir = "";

    beforeAll(async () => {
      dataDir = mkdtempSync(join(tmpdir(), "understudy-browser-"));
      server = await startConsoleServer({ data, dataDir });
      const acme = data.addCustomer("Acme");
      data.put(healthySample(three), acme);
      data.put({ document: sampleDocument({ number: 2, name: "Empty hall", nodeNames: [] }), reports: [], presence: [], events: [] }, acme);
      const hostile = healthySample({ number: 3, name: evil, nodeNames: [evil, "node-b"] });
      const long = data.addCustomer("Regional Hospital of the Very Long Name - North and South");
      data.put(healthySample({ number: 4, name: "Intercom of the north wing", nodeNames: ["node-a", "node-b"] }), long);
      const halted = sampleEvent(hostile.document, nodeId(30), 5, { kind: "document.refused", reason: evil });
      data.put(
        {
          ...hostile,
          reports: hostile.reports.map((report) => ({ ...report, dataSets: [following({ problem: evil })] })),
          events: [halted],
        },
        acme,
      );
    });
    afterAll(async () => {
      await server.close();
      rmSync(dataDir, { recursive: true, force: true });
    });

    /** A fresh browser that is logged in, and everything that went wrong in it. */
    async function visit(options: { readonly width: number; readonly colorScheme: "light" | "dark" }) {
      const chromium: Chromium = await startChromium({ ...options, height: 800 });
      const page = chromium.context.pages()[0] ?? (await chromium.context.newPage());
      const wrong: string[] = [];
      page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(`console: ${message.text()}`));
      page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
      // A poll that is under way when its page is left ends with it.
      page.on("requestfailed", (request) => request.failure()?.errorText !== "net::ERR_ABORTED" && wrong.push(`failed: ${request.url()}`));
      page.on("response", (response) => response.status() >= 400 && wrong.push(`${response.status()}: ${response.url()}`));
      page.on("request", (request) => !request.url().startsWith(server.url) && wrong.push(`foreign: ${request.url()}`));
      await logIn(page, server.url, "/", administrator);
      return { page, wrong, [Symbol.asyncDispose]: () => chromium.close() };
    }

    it.each([
      { width: 1280, colorScheme: "light" },
      { width: 1280, colorScheme: "dark" },
      { width: 390, colorScheme: "light" },
      { width: 390, colorScheme: "dark" },
    ] as const)("every page at $width px, $colorScheme: legible, every control named, nothing cut off, nothing wrong", async (options) => {
      await using browser = await visit(options);
      const { page, wrong } = browser;
      for (const path of pages) {
        await page.goto(server.url + path);
        await page.evaluate("document.fonts.ready");
        expect(await unnamedControls(page), `${path}: controls without a name`).toEqual([]);
        expect(await lowContrasts(page), `${path}: text that is hard to read`).toEqual([]);
        const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        expect(overflow, `${path}: wider than the screen`).toBe(0);
        expect(await overlapsInTop(page), `${path}: the way here runs into the buttons`).toBe(false);
        expect(await page.title()).not.toBe("pwned");
      }
      expect(wrong).toEqual([]);
    });

    it("the operational node dies: the open page shows the takeover by itself, with its time in words", async () => {
      data.put(healthySample(three));
      await using browser = await visit({ width: 1280, colorScheme: "light" });
      const { page, wrong } = browser;
      await page.goto(server.url + switchboard);
      const operational = page.locator(".node-operational .node-name");
      expect(await operational.textContent()).toBe("node-a");
      data.put(takenOverSample(three));
      await page.getByText("node-b took over group default: node-a silent for 480 ms, 2 of 3 votes").waitFor();
      expect(await operational.textContent()).toBe("node-b");
      expect(await page.locator(".health-line .badge").textContent()).toBe("Degraded");
      expect(await page.locator(".event time").first().textContent()).toBe("10:02:03.120");
      expect(wrong).toEqual([]);
    });

    it("nothing happens: polls are answered 304, and what the reader has opened stays open", async () => {
      await using browser = await visit({ width: 1280, colorScheme: "light" });
      const { page } = browser;
      await page.goto(server.url + switchboard);
      await page.getByText("Add a licence", { exact: true }).last().click();
      const statuses: number[] = [];
      page.on("response", (response) => response.url().endsWith("/live") && statuses.push(response.status()));
      await page.waitForResponse((response) => response.status() === 304);
      await page.waitForResponse((response) => response.status() === 304);
      expect(statuses.slice(1).every((status) => status === 304)).toBe(true);
      expect(await page.getByRole("button", { name: "Add licence" }).isVisible()).toBe(true);
    });

    it("the server goes away: the page keeps what it knew, and says since when; the server is back: so is the page", async () => {
      await using browser = await visit({ width: 1280, colorScheme: "light" });
      const { page } = browser;
      await page.goto(server.url + switchboard);
      const port = Number(new URL(server.url).port);
      await server.close();
      await page.getByText("Connection lost").waitFor();
      expect(await page.locator(".ring-picture").isVisible()).toBe(true);
      server = await startConsoleServer({ data, dataDir, port });
      await page.getByText("Connection lost").waitFor({ state: "hidden" });
    });

    it("the server answers with an error: the last picture stays, under the notice that it is old", async () => {
      await using browser = await visit({ width: 1280, colorScheme: "light" });
      const { page } = browser;
      await page.goto(server.url + switchboard);
      using broken = vi.spyOn(data, "cluster").mockRejectedValue(new Error("the disk is gone"));
      await page.getByText("Connection lost").waitFor();
      expect(await page.locator(".ring-picture").isVisible()).toBe(true);
      broken.mockRestore();
      await page.getByText("Connection lost").waitFor({ state: "hidden" });
    });

    it("the theme's button: dark and light by the press of a key, and remembered", async () => {
      await using browser = await visit({ width: 1280, colorScheme: "light" });
      const { page } = browser;
      const light = await groundOf(page);
      await page.getByRole("button", { name: "Switch between light and dark" }).focus();
      await page.keyboard.press("Enter");
      const dark = await groundOf(page);
      expect(dark).not.toBe(light);
      await page.reload();
      expect(await groundOf(page)).toBe(dark);
    });

    it("by keyboard alone: skip link first, then the way to a cluster", async () => {
      await using browser = await visit({ width: 1280, colorScheme: "light" });
      const { page } = browser;
      await page.keyboard.press("Tab");
      expect(await page.evaluate<string>("document.activeElement.textContent")).toBe("Skip to content");
      await page.getByRole("link", { name: "Switchboard" }).focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(server.url + switchboard);
    });

    it("the order of a group: dragged with the pointer, and by keyboard alone; what was moved is said, and saved as it is seen", async () => {
      await using browser = await visit({ width: 1280, colorScheme: "light" });
      const { page, wrong } = browser;
      await page.goto(server.url + switchboard);
      const list = page.getByRole("list", { name: "Order of group default" });
      const names = () => list.locator(".order-name").allTextContents();
      const save = page.getByRole("button", { name: "Save the order" });
      await list.getByText("node-c").dragTo(list.getByText("node-a"), { targetPosition: { x: 5, y: 1 } });
      expect(await names()).toEqual(["node-c", "node-a", "node-b"]);
      expect(await page.locator("[data-moved]").textContent()).toBe("node-c is number 1 of 3. Not saved yet.");
      await page.getByRole("button", { name: "Move node-a down in default" }).focus();
      await page.keyboard.press("Enter");
      expect(await names()).toEqual(["node-c", "node-b", "node-a"]);
      // The arrow has reached its end: the one that still works has the focus.
      expect(await page.evaluate<string>("document.activeElement.getAttribute('aria-label')")).toBe("Move node-a up in default");
      await page.waitForResponse((response) => response.url().endsWith("/live"));
      expect(await names()).toEqual(["node-c", "node-b", "node-a"]);
      await save.focus();
      await Promise.all([page.waitForURL(`${server.url}${switchboard}#group-order`), page.keyboard.press("Enter")]);
      expect(data.ordered.at(-1)?.order).toEqual([nodeId(12), nodeId(11), nodeId(10)]);
      expect(wrong).toEqual([]);
    });

    it("an empty cluster: one press shows the join command, and the next poll leaves it there", async () => {
      await using browser = await visit({ width: 1280, colorScheme: "light" });
      const { page, wrong } = browser;
      await page.goto(`${server.url}/clusters/${clusterId(2)}`);
      await page.getByRole("button", { name: "New join token" }).click();
      await page.getByText("understudy agent join --token understudy1.sample-token").waitFor();
      await page.waitForResponse((response) => response.url().endsWith("/live"));
      expect(await page.locator("#join-command").isVisible()).toBe(true);
      expect(page.url()).not.toContain("token=");
      expect(wrong).toEqual([]);
    });

    it("a join token is refused: the cause and the next step take the page's place", async () => {
      await using browser = await visit({ width: 1280, colorScheme: "light" });
      const { page } = browser;
      await page.goto(`${server.url}/clusters/${clusterId(2)}`);
      using refused = vi
        .spyOn(data, "createJoinToken")
        .mockRejectedValue(new Refusal("unavailable", "the store is busy", "Try again in a minute."));
      await page.getByRole("button", { name: "New join token" }).click();
      await page.getByText("The store is busy.").waitFor();
      expect(await page.locator("#main").innerText()).toContain("Try again in a minute.");
      expect(await page.locator("main").count()).toBe(1);
      expect(refused).toHaveBeenCalledOnce();
    });

    it("logged out: back at the door", async () => {
      await using browser = await visit({ width: 1280, colorScheme: "light" });
      const { page } = browser;
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByText("You are logged out").waitFor();
      await page.goto(server.url);
      await page.getByLabel("Password").waitFor();
    });
  },
);
