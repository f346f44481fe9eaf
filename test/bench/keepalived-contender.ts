import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sendSignal } from "../../agent/resources/marked-processes.ts";
import { waitFor } from "../demo/waiting.ts";
import { type LabSite, nowUs } from "../lab/lab-site.ts";
import { Machine } from "../lab/machine.ts";
import { longestMs, silences } from "../lab/probe-analysis.ts";
import type { Span } from "../lab/probe-record.ts";
import { Prober } from "../lab/prober.ts";
import { folderOf } from "../lab/run-name.ts";
import { type Heal, nothingToHeal } from "../lab/scenario.ts";
import { WatchPost } from "../lab/watch-post.ts";
import { busyMs, type Contender, type Sample, type Strike } from "./contender.ts";
import { KeepalivedHost } from "./keepalived-host.ts";

const groupAddress = "10.77.0.200";
const clientAddress = "10.77.0.4";
const clientWay = "client";
const startsWithinMs = 15_000;
const settlesMax = 5;
/** Looked at after the heal. */
const healedMs = 3_000;

/** Two machines with keepalived on the switch of a lab, with a client and a watch post of their own. */
export class KeepalivedContender implements Contender {
  readonly #site: LabSite;
  readonly #advertSeconds: number;
  readonly #active: KeepalivedHost;
  readonly #backup: KeepalivedHost;
  readonly #client: Prober;
  readonly #watchPost: WatchPost;

  private constructor(
    site: LabSite,
    advertSeconds: number,
    hosts: readonly [KeepalivedHost, KeepalivedHost],
    eyes: readonly [Prober, WatchPost],
  ) {
    this.#site = site;
    this.#advertSeconds = advertSeconds;
    [this.#active, this.#backup] = hosts;
    [this.#client, this.#watchPost] = eyes;
  }

  static async create(site: LabSite, advertSeconds: number): Promise<KeepalivedContender> {
    const { network, runName } = site;
    const folder = folderOf(runName);
    const machine = async (name: string, address: string): Promise<Machine> =>
      Machine.create(network, { folder: join(folder, name), name, address, groupAddresses: [groupAddress] });
    const settings = { advertSeconds, groupAddress };
    const active = new KeepalivedHost(await machine("peer-a", "10.77.0.21"), { ...settings, priority: 100, state: "MASTER" });
    const backup = new KeepalivedHost(await machine("peer-b", "10.77.0.22"), { ...settings, priority: 90, state: "BACKUP" });
    const { namespace } = await network.machine("peer-client", clientAddress);
    const ways = [{ label: clientWay, from: clientAddress, to: groupAddress }];
    const client = new Prober(namespace, ways, join(folder, "peer-client.log"));
    const watchPost = await WatchPost.open(network, {
      namespaceName: `${runName}-peer-watch`,
      machines: [active.machine, backup.machine],
      groups: [{ name: clientWay, address: groupAddress }],
      firstAddress: 51,
      logFile: join(folder, "peer-watch.log"),
    });
    return new KeepalivedContender(site, advertSeconds, [active, backup], [client, watchPost]);
  }

  async sample(strike: Strike): Promise<Sample> {
    // Three adverts and the skew are its own patience; the rest shows what does not end by itself.
    const watchedMs = 1_500 + 4_500 * this.#advertSeconds;
    return { ...(await this.#sample(() => this.#strike(strike), watchedMs)), falseTakeovers: null };
  }

  async busySample(): Promise<Sample> {
    let before = 0;
    const strike = (): Promise<Heal> => {
      before = this.#takeovers();
      const load = this.#site.load({ disk: true });
      return Promise.resolve(() => load.end());
    };
    const sample = await this.#sample(strike, busyMs);
    return { ...sample, falseTakeovers: this.#takeovers() - before };
  }

  #takeovers(): number {
    return this.#active.takeovers + this.#backup.takeovers;
  }

  async #sample(strike: () => Promise<Heal>, watchedMs: number): Promise<Omit<Sample, "falseTakeovers">> {
    await this.#settle();
    const struckUs = nowUs();
    for (const eye of [this.#client.record, this.#watchPost]) eye.forgetBefore(struckUs - 1_000_000);
    const heal = await strike();
    await sleep(watchedMs);
    const healedUs = nowUs();
    await heal();
    await sleep(healedMs);
    const endUs = nowUs();
    const silent = (span: Span): number => longestMs(silences(this.#client.record.probes(clientWay, span)));
    const whole = { fromUs: struckUs, toUs: endUs };
    return {
      silenceMs: silent({ fromUs: struckUs, toUs: healedUs }),
      bothAnswerMs: this.#watchPost.bothAnswerMs(whole),
      silenceAfterHealMs: silent({ fromUs: healedUs, toUs: endUs }),
    };
  }

  /** A pair that was started anew, with the preferred one in place. The fastest ones lose it again where the machine has not come to rest yet. */
  async #settle(): Promise<void> {
    for (let tried = 0; tried < settlesMax; tried += 1) {
      await this.#startAnew();
      if (this.#answers(this.#active)) return;
    }
    throw new Error(`keepalived's preferred machine did not keep the address, ${settlesMax} times in a row`);
  }

  /** A fault comes at any moment between two adverts. */
  async #startAnew(): Promise<void> {
    const [active, backup] = [this.#active, this.#backup];
    for (const host of [active, backup]) {
      await host.clear();
      await host.machine.powerOn();
    }
    await this.#site.network.healAll();
    active.start();
    await waitFor("keepalived to take the address", startsWithinMs, () => (this.#answers(active) ? true : undefined));
    backup.start();
    await sleep(Math.max(800, 2_200 * this.#advertSeconds) + Math.random() * 1_000 * this.#advertSeconds);
  }

  #answers({ machine }: KeepalivedHost): boolean {
    return this.#client.record.lastAnswer(clientWay, nowUs() - 100_000) === machine.name;
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
        return () => network.healAll();
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
