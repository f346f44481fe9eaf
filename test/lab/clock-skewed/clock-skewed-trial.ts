import { setTimeout as sleep } from "node:timers/promises";
import { exchangeSettings } from "../../../shared/config/replication.ts";
import { waitFor } from "../../demo/waiting.ts";
import type { LabHost } from "../lab-host.ts";
import type { Cast, LabSite } from "../lab-site.ts";
import { level } from "../level.ts";
import { comparedOn, lostOf } from "../three-writers/accounts.ts";
import { dataSet } from "../three-writers/wares.ts";
import { Writers } from "../three-writers/writers.ts";
import type { Figure, Trial } from "../trial.ts";
import { datedIntoTheFuture, itsWritesWait, partsOf, withheldIn, writesIn } from "./skewed-server.ts";

const levelWithinMs = 60_000;
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
    await itsWritesWait(skewed);
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
    this.problems.push(...datedIntoTheFuture(others));
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
