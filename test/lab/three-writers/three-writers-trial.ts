import { setTimeout as sleep } from "node:timers/promises";
import type { LabHost } from "../lab-host.ts";
import { type Cast, type LabSite, nowUs } from "../lab-site.ts";
import { level } from "../level.ts";
import type { Figure, Trial } from "../trial.ts";
import { comparedOn, lostOf } from "./accounts.ts";
import { dataSet } from "./wares.ts";
import { ledger, openAs } from "./wares-database.ts";
import { databaseOf, Writers } from "./writers.ts";

const writesForMs = 60_000;
const lookEveryMs = 400;
const levelWithinMs = 60_000;

/** An application writes on all three servers at once while they are cut off, killed and started again; then all must have everything. */
export class ThreeWritersTrial implements Trial {
  readonly figures: Figure[] = [];
  readonly problems: string[] = [];
  readonly #writers = new Writers();
  #looks = 0;

  async before(site: LabSite): Promise<void> {
    await level(site.hosts, dataSet, levelWithinMs);
    for (const host of site.hosts) await this.#writers.start(host);
  }

  async during(site: LabSite, { holder, standbys: [second, third] }: Cast, struckUs: number): Promise<void> {
    if (second === undefined || third === undefined) throw new Error("this takes three servers");
    const watch = new AbortController();
    const watched = this.#lookOn(site.hosts, watch.signal);
    try {
      // The fault itself cut the holder off; the rest follows while everybody writes on.
      await this.#until(struckUs, 8);
      await site.network.healAll();
      await this.#until(struckUs, 14);
      await second.losePower();
      await this.#until(struckUs, 19);
      await second.powerOn();
      await this.#writers.start(second);
      await this.#until(struckUs, 26);
      holder.agent.agent.kill("SIGKILL");
      await this.#until(struckUs, 29);
      holder.agent.boot(holder.clock.environment);
      await this.#until(struckUs, 36);
      await cut(site, third, [holder, second]);
      await this.#until(struckUs, 42);
      await holder.losePower();
      await this.#until(struckUs, 46);
      await site.network.healAll();
      await holder.powerOn();
      await this.#writers.start(holder);
      await this.#until(struckUs, writesForMs / 1_000);
    } finally {
      watch.abort();
      await watched;
      this.problems.push(...(await this.#writers.end()));
    }
  }

  async after({ hosts }: LabSite): Promise<void> {
    const fromMs = performance.now();
    await level(hosts, dataSet, levelWithinMs);
    this.figures.push({ what: "level again, after all was well", value: performance.now() - fromMs, unit: "ms" });
    for (const { figures, problems } of [comparedOn(hosts), ...hosts.map((host) => lostOf(host, hosts))]) {
      this.figures.push(...figures);
      this.problems.push(...problems);
    }
    this.figures.push({ what: "looks at a database that is being written, for half a transaction", value: this.#looks });
    for (const host of hosts) {
      const lines = await host.conflicts(dataSet);
      this.figures.push({ what: `conflicts that ${host.name} lists`, value: lines.length, of: conflictsIn(host) });
      if (lines.length === 0) this.problems.push(`${host.name} lists no conflict, and three servers wrote the same rows`);
    }
  }

  async end(): Promise<void> {
    await this.#writers.end();
  }

  /** Each transaction writes two rows of one number: nobody may ever see one alone. */
  async #lookOn(hosts: readonly LabHost[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const host of hosts) {
        const halves = halvesIn(databaseOf(host));
        this.#looks += 1;
        if (halves > 0) this.problems.push(`${host.name} shows half of ${halves} transactions`);
      }
      await sleep(lookEveryMs);
    }
  }

  async #until(struckUs: number, seconds: number): Promise<void> {
    await sleep(Math.max(0, seconds * 1_000 - (nowUs() - struckUs) / 1_000));
  }
}

/** Neither way passes anything between them; the link of each stays up. */
export async function cut({ network }: LabSite, one: LabHost, others: readonly LabHost[]): Promise<void> {
  for (const other of others) {
    await network.drop(one.port.name, other.port.name);
    await network.drop(other.port.name, one.port.name);
  }
}

function halvesIn(path: string): number {
  using database = openAs(path);
  const halves = database
    .prepare(`SELECT count(*) AS count FROM (SELECT 1 FROM ${ledger} GROUP BY writer, number HAVING count(*) <> 2)`)
    .get();
  return Number(halves?.["count"]);
}

function conflictsIn(host: LabHost): number {
  using database = openAs(databaseOf(host));
  return Number(database.prepare("SELECT count(*) AS count FROM _understudy_conflict").get()?.["count"]);
}
