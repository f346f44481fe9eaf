import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "../../demo/waiting.ts";
import type { LabHost } from "../lab-host.ts";
import type { Cast, LabSite } from "../lab-site.ts";
import { level } from "../level.ts";
import { comparedOn, lostOf } from "../three-writers/accounts.ts";
import { dataSet } from "../three-writers/wares.ts";
import { Writers } from "../three-writers/writers.ts";
import type { Figure, Trial } from "../trial.ts";
import { MachineSnapshot } from "./machine-snapshot.ts";
import { incarnationsOn, NumberBook } from "./number-book.ts";

const writesForMs = 5_000;
const levelWithinMs = 60_000;

/**
 * All servers write. A snapshot of one is taken while it runs; later, when the others have all that it has written since, it loses its power and is put back to the
 * snapshot, and its application goes on writing before its agent has met anybody.
 */
export class RewoundTrial implements Trial {
  readonly figures: Figure[] = [];
  readonly problems: string[] = [];
  readonly #writers = new Writers();
  readonly #book = new NumberBook();
  #rewound: LabHost | undefined;
  #incarnationsBefore = 0;

  async before(site: LabSite): Promise<void> {
    await level(site.hosts, dataSet, levelWithinMs);
    for (const host of site.hosts) await this.#writers.start(host);
  }

  async during({ hosts }: LabSite, { standbys: [rewound] }: Cast): Promise<void> {
    if (rewound === undefined) throw new Error("this takes a standby");
    this.#rewound = rewound;
    await sleep(writesForMs);
    const snapshot = await MachineSnapshot.take(rewound);
    await sleep(writesForMs);
    this.problems.push(...(await this.#writers.end([rewound])));
    await waitFor(`the others to have all of ${rewound.name}'s`, levelWithinMs, () => isSafeElsewhere(rewound));
    await rewound.losePower();
    this.#book.note(hosts);
    this.#incarnationsBefore = incarnationsOn(rewound);
    await sleep(writesForMs / 2);
    snapshot.putOnto(rewound);
    // Its numbers are those of the snapshot when it writes again.
    await this.#writers.start(rewound, again(rewound));
    await sleep(writesForMs / 5);
    await rewound.powerOn();
    await waitFor(`the agent of ${rewound.name} to run`, levelWithinMs, () => rewound.status());
    await sleep(writesForMs);
    this.problems.push(...(await this.#writers.end()));
  }

  async after({ hosts }: LabSite): Promise<void> {
    const fromMs = performance.now();
    await level(hosts, dataSet, levelWithinMs);
    this.figures.push({ what: "level again, after all was well", value: performance.now() - fromMs, unit: "ms" });
    const rewound = this.#rewound;
    if (rewound === undefined) return;
    const accounts = [comparedOn(hosts), ...hosts.map((host) => lostOf(host, hosts)), lostOf(rewound, hosts, again(rewound))];
    for (const { figures, problems } of accounts) {
      this.figures.push(...figures);
      this.problems.push(...problems);
    }
    this.#book.note(hosts);
    const { numbers, usedTwice } = this.#book;
    this.figures.push({ what: "numbers of changes that were used twice", value: usedTwice.length, of: numbers });
    if (usedTwice.length > 0) this.problems.push(`${usedTwice.length} numbers were used twice: ${usedTwice.slice(0, 3).join(", ")}`);
    const begun = incarnationsOn(rewound) - this.#incarnationsBefore;
    this.figures.push({ what: `incarnations that ${rewound.name} has begun since`, value: begun });
    if (begun < 1) this.problems.push(`${rewound.name} goes on under the numbers of its snapshot`);
  }

  async end(): Promise<void> {
    await this.#writers.end();
  }
}

/** What the ledger calls the application that went on with the snapshot. */
function again({ name }: LabHost): string {
  return `${name}, put back`;
}

async function isSafeElsewhere(host: LabHost): Promise<true | undefined> {
  const { dataSets } = await host.status();
  return dataSets.find(({ name }) => name === dataSet)?.unacknowledged.changes === 0 || undefined;
}
