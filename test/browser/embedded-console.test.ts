import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EmbeddedCloud } from "../demo/embedded-cloud.ts";
import { freePorts } from "../demo/free-ports.ts";
import { type Chromium, chromiumMissing, startChromium } from "./chromium.ts";
import { logIn } from "./log-in.ts";
import { takePicture } from "./take-picture.ts";

describe.skipIf(chromiumMissing !== null)(
  `the embedded cloud's console${chromiumMissing === null ? "" : ` (skipped: ${chromiumMissing})`}`,
  () => {
    let folder = "";
    let cloud: EmbeddedCloud;
    let chromium: Chromium;
    const wrong: string[] = [];

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "understudy-embedded-console-"));
      const [http = 0, agent = 0, mqtt = 0, sns = 0, snsTls = 0] = await freePorts(5);
      cloud = new EmbeddedCloud(folder, { http, agent, mqtt, sns, snsTls });
      await cloud.start();
      chromium = await startChromium({ width: 1280, height: 800, colorScheme: "light" });
    });
    afterAll(async () => {
      await chromium?.close();
      await cloud.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it("from the first login to a join command, by its pages alone; and the session and all of it outlive a restart", async () => {
      const page = chromium.context.pages()[0] ?? (await chromium.context.newPage());
      page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
      page.on("pageerror", (error) => wrong.push(error.message));
      const { console: url } = cloud.addresses;

      await logIn(page, url, "/", cloud.firstLogin());
      await page.getByRole("link", { name: "Create the first customer" }).click();
      await page.getByLabel("Name").fill("Hôpital St. Jean");
      await page.getByRole("button", { name: "Create customer" }).click();
      await page.getByRole("link", { name: "Create the first cluster" }).click();
      await page.getByLabel("Name", { exact: true }).fill("Switchboard");
      await page.getByLabel("Data sets").fill("crm");
      await page.getByLabel("Services").fill("switchboard");
      await page.getByRole("button", { name: "Create cluster" }).click();
      await page.getByText("no node has joined yet").waitFor();
      await page.locator("summary", { hasText: "Add a licence" }).click();
      await page.getByLabel("Nodes").fill("3");
      await page.getByRole("button", { name: "Add licence" }).click();
      await page.getByText("3 nodes", { exact: true }).waitFor();
      await page.getByRole("button", { name: "New join token" }).click();
      await page.getByText(/understudy agent join --config agent.yaml --token \S{40}/).waitFor();
      const clusterUrl = page.url();

      await page.getByRole("link", { name: "Users" }).click();
      await page.getByLabel("E-mail address").fill("operator@example.com");
      await page.locator(".form-card").getByLabel("Only these").check();
      await page.locator(".form-card").getByLabel("Hôpital St. Jean").check();
      await page.getByRole("button", { name: "Make the user, and a first password" }).click();
      await page.getByText("The password of operator@example.com.").waitFor();
      await page.getByRole("link", { name: "API keys" }).click();
      await page.getByText("made by the first start").waitFor();
      await page.getByRole("link", { name: "Audit log" }).click();
      await page.getByText("user.created").waitFor();
      expect(await page.getByRole("alert").count(), "no entry is other than it was written").toBe(0);

      const listed = await page.evaluate<string>("fetch('/v1/customers').then((answer) => answer.text())");
      expect(listed, "the API knows the console's session").toContain("Hôpital St. Jean");
      expect(wrong).toEqual([]);

      await cloud.stop();
      await cloud.start();
      await page.goto(clusterUrl);
      await page.getByRole("heading", { name: "Switchboard" }).waitFor();
      await page.goto(url);
      await page.getByRole("link", { name: "Switchboard" }).waitFor();
    });

    it("the README's picture: written from the running console", async () => {
      const file = join(folder, "fleet.png");
      await takePicture({ consoleUrl: cloud.addresses.console, login: cloud.firstLogin(), path: "/", file });
      expect(existsSync(file)).toBe(true);
      expect(statSync(file).size).toBeGreaterThan(10_000);
    });
  },
);
