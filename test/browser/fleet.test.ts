import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordPresence } from "../../functions/use-cases/record-presence.ts";
import { createUser } from "../../functions/use-cases/users.ts";
import { type RealConsole, startRealConsole } from "../functions/console/real-console.ts";
import { clusterId, nodeId } from "../functions/console/sample-cluster.ts";
import { type ControlPlane, startControlPlane } from "../functions/control-plane.ts";
import { degradedIn, fillFleet, largeFleet } from "../functions/fleet/fill-fleet.ts";
import { type Chromium, chromiumMissing, startChromium } from "./chromium.ts";
import { lowContrasts, unnamedControls } from "./legibility.ts";
import { type Login, logIn } from "./log-in.ts";

const root = { name: "test", access: { role: "owner", customers: "all" }, expiresAt: null } as const;
const [firstIll, secondIll] = degradedIn(largeFleet);

describe.skipIf(chromiumMissing !== null)(
  `a fleet of 5,000 clusters in Chromium${chromiumMissing === null ? "" : ` (skipped: ${chromiumMissing})`}`,
  () => {
    let plane: ControlPlane;
    let site: RealConsole;
    let chromium: Chromium;
    let login: Login;

    beforeAll(async () => {
      plane = await startControlPlane((path) => fillFleet(path, largeFleet, { whole: (number) => number % 500 === 0 }));
      site = await startRealConsole(plane);
      const email = "noc@example.com";
      const { password } = await createUser(site.dependencies, root, { email, access: root.access });
      login = { email, password };
      chromium = await startChromium({ width: 1280, height: 800, colorScheme: "light" });
    });
    afterAll(async () => {
      await chromium?.close();
      await site?.close();
      await plane?.close();
    });

    it("the two that are degraded are seen at once, and one click says why; a third one that falls ill comes by itself; a search finds an address", async () => {
      const page = chromium.context.pages()[0] ?? (await chromium.context.newPage());
      const wrong: string[] = [];
      page.on("pageerror", (error) => wrong.push(error.message));
      page.on("response", (response) => response.status() >= 400 && wrong.push(`${response.status()}: ${response.url()}`));
      await logIn(page, site.url, "/", login);

      const rows = page.locator("table.clusters tbody tr");
      const ill = rows.filter({ hasText: "Degraded" });
      expect(await rows.count()).toBe(50);
      expect(await ill.count()).toBe(2);
      expect(await rows.nth(0).getAttribute("id")).toBe(`row-${clusterId(firstIll)}`);
      expect(await rows.nth(1).getAttribute("id")).toBe(`row-${clusterId(secondIll)}`);
      const isSeen =
        "[...document.querySelectorAll('table.clusters tbody tr')].slice(0, 2).every((row) => row.getBoundingClientRect().bottom < innerHeight)";
      expect(await page.evaluate<boolean>(isSeen)).toBe(true);
      expect(await page.locator(".tile").filter({ hasText: "Degraded" }).innerText()).toMatch(/^2\s/);
      expect(await page.locator(".tile").filter({ hasText: "OK" }).innerText()).toMatch(/^4998\s/);
      expect(await unnamedControls(page)).toEqual([]);
      expect(await lowContrasts(page)).toEqual([]);

      await rows.nth(1).getByRole("link", { name: /^Site/ }).click();
      await page.getByText(`pbx-${secondIll}-a is down`).first().waitFor();
      expect(await page.locator(".health-line").innerText()).toContain("Degraded");
      await page.goBack();

      // Its server is switched off: the page that is open shows it with its next question.
      const third = 500;
      await recordPresence(
        plane.dependencies,
        { clusterId: clusterId(third), nodeId: nodeId(third * 10 + 1) },
        { connected: false, sequence: 2 },
      );
      await page
        .locator(`#row-${clusterId(third)}`)
        .filter({ hasText: "Degraded" })
        .waitFor();
      expect(await ill.count()).toBe(3);

      await page.getByRole("link", { name: "Next" }).click();
      await page.getByText("Page 2 of 100").waitFor();
      expect(await rows.count()).toBe(50);
      await page.getByRole("searchbox").fill(`pbx-${secondIll}-b`);
      await page.keyboard.press("Enter");
      await page.getByText("1 of 5000 clusters").waitFor();
      expect(await rows.count()).toBe(1);
      expect(wrong).toEqual([]);
    });
  },
);
