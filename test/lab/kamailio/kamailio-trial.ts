import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import { applicationFolder } from "../lab-application.ts";
import { groupAddress } from "../lab-group.ts";
import type { LabHost } from "../lab-host.ts";
import { type Cast, clientAddress, type LabSite, nowUs } from "../lab-site.ts";
import { level } from "../level.ts";
import { folderOf } from "../run-name.ts";
import type { Figure, Trial } from "../trial.ts";
import { databaseIn, dataSet, sipPort } from "./kamailio.ts";
import { Phones } from "./phones.ts";
import { ArrivalWatch, callIdsIn, registrationsIn } from "./registrations.ts";
import type { SipExchange } from "./sip-exchange.ts";

const users = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => `phone-${from + index}`);
const phones = users(1, 200);
/** What changes while the first server is away: some phones come, some go. */
const comers = users(201, 220);
const leavers = phones.slice(0, 5);
const stayers = [...phones.slice(leavers.length), ...comers];

/** Who registers anew while the group moves back; slowly, since each takes its one worker a commit on the disk, and calls wait meanwhile. */
const renewers = stayers.slice(0, 20);
const renewersPerSecond = 10;

/** Calls that a server has in its hands at the instant at which it is stopped: Kamailio keeps those in its memory alone. */
const strandedMax = 5;

const perSecond = 100;
/** Of a hundred registrations so many may be refused at first: Kamailio waits for no lock of SQLite's, and even a reader may hold one for an instant. */
const refusedPercentMax = 2;
const levelWithinMs = 20_000;
const switchoverAfterMs = 700;

/** 200 phones register with one server; every one of them is called while it dies and the other takes over, and again while the group moves back. */
export class KamailioTrial implements Trial {
  readonly figures: Figure[] = [];
  readonly problems: string[] = [];
  #phones: Phones | undefined;
  #registered: ReadonlyMap<string, string> = new Map();

  async before(site: LabSite, { holder, standbys }: Cast): Promise<void> {
    const [second] = standbys;
    if (second === undefined) throw new Error("the phones need two servers");
    this.#phones = await Phones.switchOn({
      namespace: site.clientNamespace,
      address: clientAddress,
      registrar: `${groupAddress}:${sipPort}`,
      folder: join(folderOf(site.runName), "phones"),
    });
    const watch = new ArrivalWatch(databaseOf(second));
    try {
      const registrations = await this.#register(this.#phones, phones, holder);
      await level([holder, second], dataSet, levelWithinMs);
      const delaysMs = watch.delaysMs(registrations);
      this.figures.push({
        what: "registration on the second server after the phone's 200 OK, median",
        value: middle(delaysMs),
        unit: "ms",
      });
      this.figures.push({ what: "the same, longest", value: delaysMs.at(-1) ?? 0, unit: "ms" });
    } finally {
      await watch.close();
    }
    this.#registered = registrationsIn(databaseOf(holder));
  }

  async during(site: LabSite, { standbys: [second] }: Cast, struckUs: number): Promise<void> {
    if (second === undefined || this.#phones === undefined) throw new Error("nobody has registered");
    const struckMs = Date.now() - (nowUs() - struckUs) / 1_000;
    const calls = await this.#phones.call(phones, perSecond);
    const there = registrationsIn(databaseOf(second));
    // A phone that had registered again would have another row, too.
    const lost = phones.filter((phone) => there.get(phone) === undefined || there.get(phone) !== this.#registered.get(phone));
    this.#count("registered phones lost", lost.length, phones.length);
    this.#failures("calls failed after the takeover", calls, phones);
    const accepted = calls.flatMap(({ acceptedMs }) => acceptedMs ?? []);
    this.figures.push({ what: "address silent", value: site.silenceMs({ fromUs: struckUs, toUs: nowUs() }), unit: "ms" });
    if (accepted.length > 0)
      this.figures.push({ what: "first call answered after the loss of power", value: Math.min(...accepted) - struckMs, unit: "ms" });
    const repeated = calls.filter(({ repeats }) => repeats > 0).length;
    this.figures.push({ what: "calls begun while nobody answered, and repeated by the caller's phone", value: repeated, of: calls.length });
    await this.#register(this.#phones, comers, second);
    this.#failures("phones that could not log off", await this.#phones.logOff(leavers, perSecond), leavers);
  }

  async after(site: LabSite, { holder, standbys }: Cast): Promise<void> {
    const [returned] = standbys;
    if (returned === undefined || this.#phones === undefined) throw new Error("nobody has returned");
    await level([holder, returned], dataSet, levelWithinMs);
    const there = registrationsIn(databaseOf(returned));
    const missing = stayers.filter((phone) => !there.has(phone));
    this.#count("registrations of the outage lost on the first server", missing.length, stayers.length);
    this.#count(
      "phones that had logged off and are back on the first server",
      leavers.filter((phone) => there.has(phone)).length,
      leavers.length,
    );
    this.#compare([holder, returned]);

    await this.#moveBack(site, this.#phones, { holder, returned });
  }

  /** As planned, while every phone is called and some register anew: what either server has accepted must be on both. */
  async #moveBack(site: LabSite, some: Phones, { holder, returned }: Readonly<Record<"holder" | "returned", LabHost>>): Promise<void> {
    const fromUs = nowUs();
    const [calls, registrations] = await Promise.all([
      some.call(stayers, perSecond),
      some.register(renewers, renewersPerSecond),
      sleep(switchoverAfterMs).then(() => holder.switchOver(returned)),
    ]);
    const stranded = calls.filter(({ isStranded }) => isStranded);
    const others = stayers.length - stranded.length;
    this.#count("calls failed while the group moved back as planned", others - calls.filter(({ isComplete }) => isComplete).length, others);
    this.figures.push({
      what: "calls stranded: the stopping server had said 100, and not put them through",
      value: stranded.length,
      of: stayers.length,
    });
    if (stranded.length > strandedMax) this.problems.push(`${stranded.length} calls were stranded on the stopping server`);
    this.figures.push({ what: "address silent then", value: site.silenceMs({ fromUs, toUs: nowUs() }), unit: "ms" });
    await level([holder, returned], dataSet, levelWithinMs);
    const there = callIdsIn(databaseOf(returned));
    const accepted = registrations.filter(({ isComplete }) => isComplete);
    this.#count("registrations accepted then and lost", accepted.filter(({ callId }) => !there.has(callId)).length, accepted.length);
    this.#compare([holder, returned]);
  }

  async end(): Promise<void> {
    await this.#phones?.switchOff();
  }

  /** Whoever is refused tries again, as phones do. */
  async #register(some: Phones, wanted: readonly string[], registrar: LabHost): Promise<readonly SipExchange[]> {
    const registrations = await some.register(wanted, perSecond);
    const there = registrationsIn(databaseOf(registrar));
    const refused = wanted.filter((phone) => !there.has(phone));
    this.figures.push({ what: `registrations that ${registrar.name} refused at first`, value: refused.length, of: wanted.length });
    if (refused.length > (wanted.length * refusedPercentMax) / 100)
      this.problems.push(
        `${registrar.name} refused ${refused.length} of ${wanted.length} registrations: somebody locks its database too often`,
      );
    if (refused.length > 0) this.#failures("registrations refused twice", await some.register(refused, perSecond), refused);
    return registrations;
  }

  /** Both servers' databases, row by row. */
  #compare(hosts: readonly LabHost[]): void {
    const { equal, rows, differences } = compareReplicas(hosts.map(databaseOf));
    if (!equal) this.problems.push(...differences);
    this.figures.push({ what: "rows on both servers, compared one by one", value: rows });
  }

  /** Those of them that did not go well from begin to end. */
  #failures(what: string, exchanges: readonly SipExchange[], wanted: readonly string[]): void {
    this.#count(what, wanted.length - exchanges.filter(({ isComplete }) => isComplete).length, wanted.length);
  }

  /** None of them should be. */
  #count(what: string, value: number, of: number): void {
    this.figures.push({ what, value, of });
    if (value > 0) this.problems.push(`${what}: ${value} of ${of}`);
  }
}

function databaseOf({ machine }: LabHost): string {
  return databaseIn(applicationFolder(machine.folder));
}

function middle(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
