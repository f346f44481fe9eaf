import { exchangeSettings } from "../../../shared/config/replication.ts";
import { waitFor } from "../../demo/waiting.ts";
import type { LabSite } from "../lab-site.ts";
import { level } from "../level.ts";
import { comparedOn, lostOf } from "../three-writers/accounts.ts";
import { dataSet } from "../three-writers/wares.ts";
import { Writers } from "../three-writers/writers.ts";
import type { Figure, Trial } from "../trial.ts";
import { datedIntoTheFuture, itsWritesWait, partsOf, withheldIn, writesIn } from "./skewed-server.ts";

const levelWithinMs = 60_000;
const goesOutWithinMs = 15_000;
const alignedWithinMs = exchangeSettings.clock.alignedForMs + 30_000;

/** An operator lets go what waits for a wrong clock: it goes out at once, under times by the others' clocks, and so does what is written while the clock is still wrong. */
export class ClockReleasedTrial implements Trial {
  readonly figures: Figure[] = [];
  readonly problems: string[] = [];
  readonly #writers = new Writers();

  async before({ hosts }: LabSite): Promise<void> {
    await level(hosts, dataSet, levelWithinMs);
    for (const host of hosts) await this.#writers.start(host);
  }

  async during({ hosts }: LabSite): Promise<void> {
    const { skewed, others } = partsOf(hosts);
    await itsWritesWait(skewed);
    const [waited, releasedAtMs] = [withheldIn((await skewed.status()).dataSets), performance.now()];
    await skewed.releaseWithheld();
    const written = writesIn(skewed, skewed.name);
    await waitFor(
      "what was let go to be on the others",
      goesOutWithinMs,
      async () => others.every((other) => writesIn(other, skewed.name) >= written) || undefined,
    );
    this.figures.push({ what: `changes of ${skewed.name} that waited`, value: waited });
    this.figures.push({ what: "on the others after they were let go", value: performance.now() - releasedAtMs, unit: "ms" });
    const later = writesIn(skewed, skewed.name) + 1;
    await waitFor(
      "what is written afterwards to go out as well",
      goesOutWithinMs,
      async () => others.every((other) => writesIn(other, skewed.name) >= later) || undefined,
    );
    this.problems.push(...(await this.#writers.end()));
    const { ring, dataSets } = await skewed.status();
    if (ring?.clock.standing !== "ahead")
      this.problems.push(`${skewed.name} says that its clock is ${ring?.clock.standing ?? "not known"}, which is an hour ahead`);
    if (withheldIn(dataSets) > 0) this.problems.push(`${withheldIn(dataSets)} changes of ${skewed.name} wait again`);
    await level(hosts, dataSet, levelWithinMs);
    this.problems.push(...datedIntoTheFuture(hosts));
  }

  async after({ hosts }: LabSite): Promise<void> {
    const { skewed } = partsOf(hosts);
    await waitFor(
      "the clock to count as right again",
      alignedWithinMs,
      async () => (await skewed.status()).ring?.clock.standing === "aligned" || undefined,
    );
    await level(hosts, dataSet, levelWithinMs);
    for (const { figures, problems } of [comparedOn(hosts), ...hosts.map((host) => lostOf(host, hosts))]) {
      this.figures.push(...figures);
      this.problems.push(...problems);
    }
  }

  async end(): Promise<void> {
    await this.#writers.end();
  }
}
