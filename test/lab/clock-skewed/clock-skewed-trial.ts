import { setTimeout as sleep } from "node:timers/promises";
import type { AgentStatus } from "../../../agent/local/agent-status.ts";
import { exchangeSettings } from "../../../shared/config/replication.ts";
import { ticksPerMs } from "../../../shared/domain/replication/hybrid-clock.ts";
import { waitFor } from "../../demo/waiting.ts";
import type { LabHost } from "../lab-host.ts";
import type { Cast, LabSite } from "../lab-site.ts";
import { level } from "../level.ts";
import { comparedOn, lostOf } from "../three-writers/accounts.ts";
import { dataSet } from "../three-writers/wares.ts";
import { ledger, openAs } from "../three-writers/wares-database.ts";
import { databaseOf, Writers } from "../three-writers/writers.ts";
import type { Figure, Trial } from "../trial.ts";

const levelWithinMs = 60_000;
const toldWithinMs = 15_000;
/** What was under way when the clock was found to be wrong has come by then. */
const settlesWithinMs = 1_000;
const writesOnForMs = 4_000;
const releasedWithinMs = exchangeSettings.clock.alignedForMs + 30_000;

/** An application writes on all three servers while the clock of one is wrong: what that one writes stays there until the clock is right, and everything else does not. */
export class ClockSkewedTrial implements Trial {
  readonly figures: Figure[] = [];
  readonly problems: string[] = [];
  readonly #writers = new Writers();
  #healedAtMs = 0;

  async before({ hosts }: LabSite): Promise<void> {
    await level(hosts, dataSet, levelWithinMs);
    for (const host of hosts) await this.#writers.start(host);
  }

  async during({ hosts }: LabSite, _cast: Cast): Promise<void> {
    const { skewed, others } = partsOf(hosts);
    await waitFor("the writes of the server with the wrong clock to wait", toldWithinMs, async () => {
      const { ring, dataSets, alarms } = await skewed.status();
      const isRed = alarms.some(({ name, colour }) => name === "time" && colour === "red");
      return (ring?.clock.standing === "ahead" && isRed && withheldIn(dataSets) > 0) || undefined;
    });
    await sleep(settlesWithinMs);
    const before = await this.#look(skewed, others);
    await sleep(writesOnForMs);
    const after = await this.#look(skewed, others);
    this.problems.push(...(await this.#writers.end()));
    for (const [index, other] of others.entries()) {
      const [was, is] = [before.onOthers[index] ?? 0, after.onOthers[index] ?? 0];
      if (is !== was) this.problems.push(`${other.name} got ${is - was} writes of ${skewed.name} although its clock is wrong`);
      const clock = (await other.status()).ring?.clock;
      if (clock?.standing !== "aligned") this.problems.push(`${other.name} says that its own clock is ${clock?.standing ?? "not known"}`);
    }
    if (after.own <= before.own) this.problems.push(`${skewed.name} wrote nothing meanwhile`);
    if (after.ofOthers <= before.ofOthers) this.problems.push(`${skewed.name} got nothing of what the others wrote`);
    const { dataSets, ring } = await skewed.status();
    this.figures.push({ what: `changes of ${skewed.name} that waited`, value: withheldIn(dataSets) });
    this.figures.push({ what: "its clock was ahead by", value: ring?.clock.aheadMs ?? 0, unit: "ms" });
    for (const host of hosts) {
      const future = futureTimesIn(host);
      if (host !== skewed && future > 0) this.problems.push(`${host.name} has ${future} writes that are dated into the future`);
    }
    this.#healedAtMs = performance.now();
  }

  async after({ hosts }: LabSite): Promise<void> {
    const { skewed } = partsOf(hosts);
    await waitFor("what waited to go out", releasedWithinMs, async () => withheldIn((await skewed.status()).dataSets) === 0 || undefined);
    await level(hosts, dataSet, levelWithinMs);
    this.figures.push({ what: "level again, after the clock was set right", value: performance.now() - this.#healedAtMs, unit: "ms" });
    for (const { figures, problems } of [comparedOn(hosts), ...hosts.map((host) => lostOf(host, hosts))]) {
      this.figures.push(...figures);
      this.problems.push(...problems);
    }
  }

  async end(): Promise<void> {
    await this.#writers.end();
  }

  /** How many of the skewed server's writes the others show, and how many it shows of its own and of theirs. */
  async #look(skewed: LabHost, others: readonly LabHost[]) {
    const ofOthers = others.reduce((sum, { name }) => sum + writesIn(skewed, name), 0);
    return { own: writesIn(skewed, skewed.name), ofOthers, onOthers: others.map((other) => writesIn(other, skewed.name)) };
  }
}

function partsOf(hosts: readonly LabHost[]): { readonly skewed: LabHost; readonly others: readonly LabHost[] } {
  const skewed = hosts.find(({ clock }) => clock.isOwn);
  if (skewed === undefined) throw new Error("no server has a clock of its own");
  return { skewed, others: hosts.filter((host) => host !== skewed) };
}

function withheldIn(dataSets: AgentStatus["dataSets"]): number {
  return dataSets.find(({ name }) => name === dataSet)?.withheld ?? 0;
}

function writesIn(host: LabHost, writer: string): number {
  using database = openAs(databaseOf(host));
  return Number(database.prepare(`SELECT count(*) AS count FROM ${ledger} WHERE writer = ?`).get(writer)?.["count"]);
}

/** Writes in its log with times that no clock that counts has come to. */
function futureTimesIn(host: LabHost): number {
  using database = openAs(databaseOf(host));
  const limit = (Date.now() + exchangeSettings.clock.skewMsMax) * ticksPerMs;
  return Number(database.prepare("SELECT count(*) AS count FROM _understudy_log WHERE hlc > ?").get(limit)?.["count"]);
}
