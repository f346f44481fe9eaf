import type { AgentStatus } from "../../../agent/local/agent-status.ts";
import { exchangeSettings } from "../../../shared/config/replication.ts";
import { ticksPerMs } from "../../../shared/domain/replication/hybrid-clock.ts";
import { waitFor } from "../../demo/waiting.ts";
import type { LabHost } from "../lab-host.ts";
import { dataSet } from "../three-writers/wares.ts";
import { ledger, openAs } from "../three-writers/wares-database.ts";
import { databaseOf } from "../three-writers/writers.ts";

const toldWithinMs = 15_000;

/** The one with a clock of its own, and the others. */
export function partsOf(hosts: readonly LabHost[]): { readonly skewed: LabHost; readonly others: readonly LabHost[] } {
  const skewed = hosts.find(({ clock }) => clock.isOwn);
  if (skewed === undefined) throw new Error("no server has a clock of its own");
  return { skewed, others: hosts.filter((host) => host !== skewed) };
}

/** How many of its changes wait for its clock. */
export function withheldIn(dataSets: AgentStatus["dataSets"]): number {
  return dataSets.find(({ name }) => name === dataSet)?.withheld ?? 0;
}

/** How many writes of that server `host` shows. */
export function writesIn(host: LabHost, writer: string): number {
  using database = openAs(databaseOf(host));
  return Number(database.prepare(`SELECT count(*) AS count FROM ${ledger} WHERE writer = ?`).get(writer)?.["count"]);
}

/** Its agent has found that its clock is wrong, tells it, and keeps what its application writes. */
export async function itsWritesWait(skewed: LabHost): Promise<void> {
  await waitFor("the writes of the server with the wrong clock to wait", toldWithinMs, async () => {
    const { ring, dataSets, alarms } = await skewed.status();
    const isRed = alarms.some(({ name, colour }) => name === "time" && colour === "red");
    return (ring?.clock.standing === "ahead" && isRed && withheldIn(dataSets) > 0) || undefined;
  });
}

/** Which of them have writes with times that no clock that counts has come to, worded as problems. */
export function datedIntoTheFuture(hosts: readonly LabHost[]): readonly string[] {
  const limit = (Date.now() + exchangeSettings.clock.skewMsMax) * ticksPerMs;
  return hosts.flatMap((host) => {
    using database = openAs(databaseOf(host));
    const count = Number(database.prepare("SELECT count(*) AS count FROM _understudy_log WHERE hlc > ?").get(limit)?.["count"]);
    return count > 0 ? [`${host.name} has ${count} writes that are dated into the future`] : [];
  });
}
