import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "../../demo/waiting.ts";
import { applicationFolder } from "../lab-application.ts";
import { LabHost } from "../lab-host.ts";
import type { Cast, LabSite } from "../lab-site.ts";
import { level } from "../level.ts";
import { folderOf } from "../run-name.ts";
import { comparedOn, lostOf, numbersOn } from "../three-writers/accounts.ts";
import { dataSet, wares } from "../three-writers/wares.ts";
import { Writers } from "../three-writers/writers.ts";
import type { Figure, Trial } from "../trial.ts";
import { MachineSnapshot } from "./machine-snapshot.ts";
import { NumberBook } from "./number-book.ts";

const writesForMs = 3_000;
const levelWithinMs = 60_000;
/** It is told when it has knocked for five seconds. */
const knocksForMs = 12_000;
/** Of the copy on the lab's network. */
const addressNumber = 31;
let copies = 0;

/** All servers write. A further machine is started from a snapshot of a running one, with its identity and its certificate, and an application of its own writes there, too. */
export class ClonedTrial implements Trial {
  readonly figures: Figure[] = [];
  readonly problems: string[] = [];
  readonly #writers = new Writers();
  #copy: LabHost | undefined;

  async before(site: LabSite): Promise<void> {
    await level(site.hosts, dataSet, levelWithinMs);
    for (const host of site.hosts) await this.#writers.start(host);
  }

  async during(site: LabSite, { standbys: [original] }: Cast): Promise<void> {
    if (original === undefined) throw new Error("this takes a standby");
    await sleep(writesForMs);
    const snapshot = await MachineSnapshot.take(original);
    const copy = await machineLike(site);
    this.#copy = copy;
    snapshot.putOnto(copy);
    await this.#writers.start(copy);
    await copy.powerOn();
    await waitFor("the copy's agent to run", levelWithinMs, () => copy.status());
    await sleep(knocksForMs);
    await this.#judge(copy, site.hosts);
    this.problems.push(...(await this.#writers.end()));
    await copy.losePower();
  }

  /** While both run: who hears whom. */
  async #judge(copy: LabHost, hosts: readonly LabHost[]): Promise<void> {
    const { peers, groups, dataSets } = await copy.status();
    const heard = peers.filter(({ reachable }) => reachable).map(({ name }) => name);
    if (heard.length > 0) this.problems.push(`the copy hears ${heard.join(", ")}`);
    if (groups.some(({ state }) => state === "operational")) this.problems.push("the copy runs the group");
    this.figures.push({ what: "changes that the copy keeps to itself", value: dataSets[0]?.unacknowledged.changes ?? 0 });
    for (const host of hosts) {
      const status = await host.status();
      const silent = status.peers.filter(({ reachable }) => !reachable).map(({ name }) => name);
      if (silent.length > 0) this.problems.push(`${host.name} does not hear ${silent.join(", ")} while the copy runs`);
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
    const book = new NumberBook();
    const copy = this.#copy;
    book.note(copy === undefined ? hosts : [...hosts, copy]);
    this.figures.push({ what: "numbers of changes that were used twice", value: book.usedTwice.length, of: book.numbers });
    if (book.usedTwice.length > 0) this.problems.push(`numbers were used twice: ${book.usedTwice.slice(0, 3).join(", ")}`);
    if (copy === undefined) return;
    const own = numbersOn(copy, copy.name).size;
    for (const host of hosts) {
      const { size } = numbersOn(host, copy.name);
      this.figures.push({ what: `transactions of the copy that ${host.name} has`, value: size, of: own });
      if (size > 0) this.problems.push(`${host.name} has ${size} transactions of the copy`);
    }
  }

  async end(): Promise<void> {
    await this.#writers.end();
    await this.#copy?.namespace.remove();
  }
}

/** One more machine on the lab's network, as bare as the others were. */
async function machineLike(site: LabSite): Promise<LabHost> {
  copies += 1;
  const name = `copy-${copies}`;
  const folder = join(folderOf(site.runName), name);
  const groupAddresses = site.groups.map(({ address }) => address);
  const settings = await wares.install({
    folder: applicationFolder(folder),
    groupAddress: groupAddresses[0] ?? "",
    isFirst: false,
  });
  const options = { folder, name, number: addressNumber, groupAddresses, settings: { ...settings } };
  return LabHost.create({ network: site.network, secondNetwork: null }, options);
}
