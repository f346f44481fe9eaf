import { occupiedStates } from "../../shared/domain/failover/group-states.ts";
import type { GroupView, NodeView } from "../../shared/domain/failover/node-view.ts";
import type { GroupName, NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import type { AddressSighting } from "../../shared/domain/monitoring/takeover-course.ts";
import type { MonotonicUs } from "../../shared/domain/time.ts";
import { usFromMs } from "../../shared/domain/time.ts";
import { readVirtualAddress } from "../resources/address-interface.ts";
import { AddressSilence, type SeenSilence } from "../resources/address-silence.ts";
import { guardedResources } from "./guarded-resources.ts";

/** Between two questions to one address while all is well, and while its holder is not heard or it has none; of several addresses each in its turn, so that a node never asks more often. */
const askEveryMs = { well: 50, suspected: 10 } as const;
/** On one LAN an answer takes a millisecond or two; the rest is for a busy machine. */
const answerMs = 200;
/** So long at the quicker pace: what goes on being silent for longer need not be known as well. */
const suspectedMsMax = 30_000;
/** Those of further groups are not watched, and a takeover of theirs tells of the last heartbeat alone. */
const addressesMax = 16;
const silencesKept = 8;

export interface SilenceWatchPorts {
  readonly nodeId: NodeId;
  readonly document: () => ClusterDocument;
  readonly nowUs: () => MonotonicUs;
  /** The instant of the answer, or null where none came in so many milliseconds. */
  readonly ask: (host: string, patienceMs: number) => Promise<MonotonicUs | null>;
}

/** What was seen of an address; `host` is without its prefix length. */
export interface Seen<Told> {
  readonly host: string;
  readonly told: Told;
}

interface Watched {
  readonly group: GroupName;
  readonly host: string;
  readonly silence: AddressSilence;
  readonly silences: SeenSilence[];
  timer: NodeJS.Timeout | null;
}

/**
 * A node that may take a group over asks the group's addresses all the while who is there, as a client would. What it finds decides nothing: it tells in the
 * record of a takeover for how long they were silent.
 */
export class SilenceWatch {
  readonly #ports: SilenceWatchPorts;
  readonly #suspectedSinceUs = new Map<GroupName, MonotonicUs>();
  readonly #hurriedUntilUs = new Map<GroupName, MonotonicUs>();
  #watched: readonly Watched[] = [];
  #isClosed = false;

  constructor(ports: SilenceWatchPorts) {
    this.#ports = ports;
  }

  viewChanged({ groups, peers }: NodeView): void {
    if (this.#isClosed) return;
    const reachable = new Set(peers.filter((peer) => peer.reachable || peer.detached).map(({ nodeId }) => nodeId));
    const elsewhere = groups.filter(({ group, state }) => !occupiedStates.has(state) && this.#mayTake(group));
    for (const line of groups) this.#suspect(line, elsewhere.includes(line) && (line.holder === null || !reachable.has(line.holder)));
    const wanted = elsewhere.flatMap(({ group }) => this.#hostsOf(group).map((host) => ({ group, host }))).slice(0, addressesMax);
    const isWanted = (one: Watched): boolean => wanted.some(({ group, host }) => one.group === group && one.host === host);
    for (const surplus of this.#watched.filter((one) => !isWanted(one))) end(surplus);
    const kept = this.#watched.filter(isWanted);
    const added = wanted.filter(({ group, host }) => !kept.some((one) => one.group === group && one.host === host));
    this.#watched = [...kept, ...added.map(({ group, host }) => newlyWatched(group, host))];
    for (const one of this.#watched.slice(kept.length)) this.#ask(one);
  }

  /** Of each of the group's addresses that is silent now, and was not all the while. */
  sightings(group: GroupName): readonly Seen<AddressSighting>[] {
    return this.#of(group).flatMap(({ host, silence: { sighting } }) => (sighting === null ? [] : [{ host, told: sighting }]));
  }

  /** The latest silences of the group's addresses that are over, since this node last ran the group. */
  silences(group: GroupName): readonly Seen<SeenSilence>[] {
    return this.#of(group).flatMap(({ host, silences }) => silences.map((told) => ({ host, told })));
  }

  /** How many of the group's addresses are asked for now. */
  watches(group: GroupName): number {
    return this.#of(group).length;
  }

  /** When each of the group's addresses was answered for first since this node last ran the group; those that were not yet are not there. */
  firstAnswers(group: GroupName): readonly Seen<MonotonicUs>[] {
    return this.#of(group).flatMap(({ host, silence: { firstAnswerUs } }) =>
      firstAnswerUs === null ? [] : [{ host, told: firstAnswerUs }],
    );
  }

  /** Asks as if the group's holder were suspected, for so long: something is about to happen to it. */
  hurry(group: GroupName, forMs: number): void {
    this.#hurriedUntilUs.set(group, this.#ports.nowUs() + usFromMs(forMs));
  }

  close(): void {
    this.#isClosed = true;
    for (const one of this.#watched) end(one);
    this.#watched = [];
  }

  #ask(one: Watched): void {
    void this.#hear(one);
    one.timer = setTimeout(() => this.#ask(one), this.#paceMs(one.group) * this.#watched.length).unref();
  }

  async #hear({ host, silence }: Watched): Promise<void> {
    const askedUs = this.#ports.nowUs();
    silence.asked(askedUs);
    const atUs = await this.#ports.ask(host, answerMs);
    if (atUs !== null) silence.answered(askedUs, atUs);
  }

  #paceMs(group: GroupName): number {
    const nowUs = this.#ports.nowUs();
    const sinceUs = this.#suspectedSinceUs.get(group);
    const isSuspected = sinceUs !== undefined && nowUs - sinceUs < usFromMs(suspectedMsMax);
    return isSuspected || nowUs < (this.#hurriedUntilUs.get(group) ?? 0) ? askEveryMs.suspected : askEveryMs.well;
  }

  #suspect({ group }: GroupView, isSuspected: boolean): void {
    if (!isSuspected) this.#suspectedSinceUs.delete(group);
    else if (!this.#suspectedSinceUs.has(group)) this.#suspectedSinceUs.set(group, this.#ports.nowUs());
  }

  #mayTake(group: GroupName): boolean {
    return this.#ports.document().groups.some(({ name, order }) => name === group && order.includes(this.#ports.nodeId));
  }

  #hostsOf(group: GroupName): string[] {
    return guardedResources(this.#ports.document(), group).flatMap((resource) =>
      resource.kind === "address" ? [readVirtualAddress(resource.address).host] : [],
    );
  }

  #of(group: GroupName): readonly Watched[] {
    return this.#watched.filter((one) => one.group === group);
  }
}

function newlyWatched(group: GroupName, host: string): Watched {
  const silences: SeenSilence[] = [];
  const silence = new AddressSilence((over) => void silences.splice(0, silences.push(over) - silencesKept));
  return { group, host, silence, silences, timer: null };
}

function end({ timer }: Watched): void {
  if (timer !== null) clearTimeout(timer);
}
