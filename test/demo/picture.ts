import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { takePicture } from "../browser/take-picture.ts";
import { installApplication } from "./install-application.ts";
import { joinServer } from "./joining-progress.ts";
import { Narrator } from "./narrator.ts";
import { Site } from "./site.ts";
import { waitFor } from "./waiting.ts";

/** Makes the README's picture anew: the cluster page a few seconds after the operational server's loss. */
const file = resolve(import.meta.dirname, "../../functions/console/cluster-page.png");
/** The nodes' reports follow within two seconds. */
const reportedAfterMs = 4_000;

const folder = mkdtempSync(join(tmpdir(), "understudy-picture-"));
const site = new Site(folder, await Site.anyPorts());
const narrator = new Narrator(process.stdout);
try {
  site.inbox.start(await site.cloud.start());
  const { clusterId } = await site.register();
  installApplication(site.serverNamed("node-a").database);
  for (const server of site.servers) await joinServer(server, site.api(), clusterId, narrator);
  const lost = await site.operationalServer(10_000);
  site.application.startWriting(100, () => {});
  lost.losePower();
  await waitFor("another server to answer", 10_000, async () => {
    const name = await site.application.whoAnswers();
    return name === lost.name ? undefined : name;
  });
  await sleep(reportedAfterMs);
  await takePicture({
    consoleUrl: site.cloud.addresses.console,
    login: site.cloud.firstLogin(),
    path: `/clusters/${clusterId}`,
    file,
  });
  narrator.tell(`wrote ${file}`);
} finally {
  await site.application.stopWriting();
  await site.end();
  rmSync(folder, { recursive: true, force: true });
}
