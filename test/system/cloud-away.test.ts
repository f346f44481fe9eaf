import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installApplication } from "../demo/install-application.ts";
import { joinServer } from "../demo/joining-progress.ts";
import { Narrator } from "../demo/narrator.ts";
import { Site } from "../demo/site.ts";
import { waitFor } from "../demo/waiting.ts";

describe("system: the cloud is away", () => {
  let folder = "";
  let site: Site;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "understudy-test-"));
    site = new Site(folder, await Site.anyPorts());
    site.inbox.start(await site.cloud.start());
    const { clusterId } = await site.register();
    const narrator = new Narrator(new PassThrough().resume());
    const [first, ...more] = site.servers;
    if (first === undefined) throw new Error("the site has no servers");
    installApplication(first.database);
    await joinServer(first, site.api(), clusterId, narrator);
    await Promise.all(more.map((server) => joinServer(server, site.api(), clusterId, narrator)));
    await site.operationalServer(30_000);
  });
  afterAll(async () => {
    const killed = await site.end();
    rmSync(folder, { recursive: true, force: true });
    expect(killed).toEqual([]);
  });

  it("the operational server dies meanwhile: another takes over at once, and the alert arrives when the cloud is back", async () => {
    const alertsBefore = site.inbox.received.length;
    await site.cloud.stop();
    const lost = await site.operationalServer(5_000);
    lost.losePower();
    const successor = await waitFor("another server to answer", 10_000, async () => {
      const name = await site.application.whoAnswers();
      return name === lost.name ? undefined : name;
    });
    expect(successor).not.toBe(lost.name);
    expect(site.inbox.received).toHaveLength(alertsBefore);

    await site.cloud.start();
    const alert = await waitFor("the alert", 60_000, () => site.inbox.received[alertsBefore]);
    expect(alert.kind).toBe("group.takeover");
    expect(alert.signatures).toEqual({ snsValidator: "accepted", snsPayloadValidator: "accepted" });
  });
});
