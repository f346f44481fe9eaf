import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sendSignal } from "../../agent/resources/marked-processes.ts";
import { waitFor } from "../demo/waiting.ts";
import { type LabSite, nowUs } from "../lab/lab-site.ts";
import { lanAddress } from "../lab/lan.ts";
import { Machine } from "../lab/machine.ts";
import { longestMs, silences } from "../lab/probe-analysis.ts";
import type { Span } from "../lab/probe-record.ts";
import { Prober } from "../lab/prober.ts";
import { folderOf } from "../lab/run-name.ts";
import { type Heal, nothingToHeal } from "../lab/scenario.ts";
import { WatchPost } from "../lab/watch-post.ts";
import { type BenchScenario, busy, busyMs, type Contender, type Pace, type Sample, type Strike } from "./contender.ts";
import { KeepalivedHost } from "./keepalived-host.ts";

const way = "client";
const startsWithinMs = 15_000;
const settlesMax = 5;
/** Its backup begins so much later, so that the two do not take the address at once. */
const backupLaterMs = 500;
/** Looked on after a takeover, as with ours. */
const watchedMs = 1_000;

export interface KeepalivedOptions {
  readonly advertSeconds: number;
  /** Of this pair among those of a lab, from 1 on: its machines, addresses and router id are its own. */
  readonly number: number;
}

/** Two machines with keepalived on the switch of a lab, with a client and a watch post of their own. */
export class KeepalivedContender implements Contender {
  readonly #site: LabSite;
  readonly #advertMs: number;
  readonly #active: KeepalivedHost;
  readonly #backup: KeepalivedHost;
  readonly #client: Prober;
  readonly #watchPost: WatchPost;
  /** Started anew, and not struck since. */
  #isFresh = false;

  private constructor(
    site: LabSite,
    advertMs: number,
    hosts: readonly [KeepalivedHost, KeepalivedHost],
    eyes: readonly [Prober, WatchPost],
  ) {
    this.#site = site;
    this.#advertMs = advertMs;
    [this.#active, this.#backup] = hosts;
    [this.#client, this.#watchPost] = eyes;
  }

  static async create(site: LabSite, { advertSeconds, number }: KeepalivedOptions): Promise<KeepalivedContender> {
    const { network, runName } = site;
    const name = `peer${number}`;
    const folder = join(folderOf(runName), name);
    const groupAddress = lanAddress(200 + number);
    const own = (part: number): string => lanAddress(firstAddress(number) + part);
    const machine = async (part: string, address: string): Promise<Machine> =>
      Machine.create(network, { folder: join(folder, part), name: `${name}-${part}`, address, groupAddresses: [groupAddress] });
    const settings = { advertSeconds, groupAddress, routerId: number };
    const active = new KeepalivedHost(await machine("a", own(1)), { ...settings, priority: 100, state: "MASTER" });
    const backup = new KeepalivedHost(await machine("b", own(2)), { ...settings, priority: 90, state: "BACKUP" });
    const { namespace } = await network.machine(`${name}-client`, own(0));
    const client = new Prober(namespace, [{ label: way, from: own(0), to: groupAddress }], join(folder, "client.log"));
    const watchPost = await WatchPost.open(network, {
      namespaceName: `${runName}-${name}-watch`,
      machines: [active.machine, backup.machine],
      groups: [{ name: way, address: groupAddress }],
      firstAddress: firstAddress(number) + 3,
      logFile: join(folder, "watch.log"),
    });
    return new KeepalivedContender(site, 1_000 * advertSeconds, [active, backup], [client, watchPost]);
  }

  async sample(scenario: BenchScenario, pace: Pace): Promise<Sample> {
    await this.#settle();
    await pace.beforeStrike(() => this.#settle());
    this.#isFresh = false;
    const takeoversBefore = this.#takeovers();
    const struckUs = nowUs();
    for (const eye of [this.#client.record, this.#watchPost]) eye.forgetBefore(struckUs - 1_000_000);
    const heal = scenario === busy ? nothingToHeal : await this.#strike(scenario);
    await (scenario === busy ? sleep(busyMs) : this.#follows(struckUs));
    await pace.beforeHeal();
    const healedUs = nowUs();
    await heal();
    // The machine that is back sends its advert at once, and the other one lets go with the next of its own.
    if (heal !== nothingToHeal) await sleep(500 + 1.5 * this.#advertMs);
    const endUs = nowUs();
    const silent = (span: Span): number => longestMs(silences(this.#client.record.probes(way, span)));
    return {
      silenceMs: silent({ fromUs: struckUs, toUs: healedUs }),
      bothAnswerMs: this.#watchPost.bothAnswerMs({ fromUs: struckUs, toUs: endUs }),
      silenceAfterHealMs: silent({ fromUs: healedUs, toUs: endUs }),
      falseTakeovers: scenario === busy ? this.#takeovers() - takeoversBefore : null,
    };
  }

  #takeovers(): number {
    return this.#active.takeovers + this.#backup.takeovers;
  }

  /** Until its backup has the address and a while more; where it does not take it, until its own patience (three adverts and the skew) is over. */
  async #follows(struckUs: number): Promise<void> {
    const untilUs = struckUs + 1_000 * (500 + 4.5 * this.#advertMs);
    while (!this.#watchPost.hasAnswered(this.#backup.machine.name, way, struckUs) && nowUs() < untilUs) await sleep(10);
    await sleep(watchedMs);
  }

  /** A pair that was started anew, with the preferred one in place. The fastest ones lose it again where the machine has not come to rest yet. */
  async #settle(): Promise<void> {
    if (this.#isFresh && this.#answers(this.#active)) return;
    for (let tried = 0; tried < settlesMax; tried += 1) {
      await this.#startAnew();
      this.#isFresh = this.#answers(this.#active);
      if (this.#isFresh) return;
    }
    throw new Error(`keepalived's preferred machine did not keep the address, ${settlesMax} times in a row`);
  }

  /** Up to when the backup has heard an advert at least. A fault comes at any moment between two of them. */
  async #startAnew(): Promise<void> {
    const [active, backup] = [this.#active, this.#backup];
    for (const host of [active, backup]) {
      await host.clear();
      await host.machine.powerOn();
    }
    active.start();
    await sleep(backupLaterMs);
    backup.start();
    await waitFor("keepalived to take the address", startsWithinMs, () => (this.#answers(active) ? true : undefined), 10);
    await sleep(300 + this.#advertMs * (1 + Math.random()));
  }

  #answers({ machine }: KeepalivedHost): boolean {
    return this.#client.record.lastAnswer(way, nowUs() - 100_000) === machine.name;
  }

  async #strike(strike: Strike): Promise<Heal> {
    const { network } = this.#site;
    const active = this.#active;
    const port = active.machine.port.name;
    switch (strike) {
      case "host-dies":
        await active.machine.losePower();
        return nothingToHeal;
      case "link-cut":
        await network.pull(port);
        return () => network.plugIn(port);
      case "black-hole":
        await network.blackHole(port);
        return () => network.endBlackHole(port);
      case "one-way-loss": {
        const backup = this.#backup.machine.port.name;
        await network.drop(port, backup);
        return () => network.endDrop(port, backup);
      }
      case "planned-switchover":
        active.stop();
        return nothingToHeal;
      case "agent-killed":
        await active.kill();
        return nothingToHeal;
      case "agent-frozen": {
        const frozen = await active.freeze();
        return () => {
          for (const pid of frozen) sendSignal(pid, "SIGCONT");
          return Promise.resolve();
        };
      }
    }
  }
}

/** Of a pair's own ten on the lab's network, past those of the lab. */
function firstAddress(number: number): number {
  return 110 + 10 * number;
}
