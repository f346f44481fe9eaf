import type { GroupName } from "../../shared/domain/ids.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import type { CloudVoterTimings } from "../../shared/domain/witness/cloud-voter-timings.ts";
import {
  answerNode,
  type CloudAnswer,
  type CloudQuestion,
  type CloudVotes,
  type Electorate,
  firstVotes,
  versionInForce,
} from "../../shared/domain/witness/cloud-votes.ts";
import { CloudVoter } from "../../shared/voter/cloud-voter.ts";
import { witnessId } from "./cluster.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

const millisecond = 1_000;
/** As in production, where nothing happens between two of them: hardly ever in a run. */
const looksWhileQuiet = 1_000;

/** The control plane's vote over a slow and lossy way of its own, away now and then for some or for all; what it was asked it may do and not answer. */
export class SimulatedCloud {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #otherWays: SeededRandom;
  readonly #timings: CloudVoterTimings;
  #votes: CloudVotes = firstVotes(witnessId);
  #electorate: () => Electorate;
  #outOfReach: ReadonlySet<Host> = new Set();

  constructor(world: World, electorate: Electorate) {
    this.#world = world;
    this.#electorate = () => electorate;
    this.#random = new SeededRandom(world.options.seed, "cloud");
    this.#otherWays = new SeededRandom(world.options.seed, "other ways to the cloud");
    const leaseUs = world.options.timing.leaseMs * millisecond;
    // As production's, and so short that a run sees promises end.
    const forUs = world.options.on.has("detach") ? 16_500_000 : 4 * leaseUs;
    const timings = { renewAfterUs: Math.round(forUs / 3), askAgainAfterUs: Math.round(leaseUs / 2), lookInDoubtUs: 4 * leaseUs };
    this.#timings = { forUs, ...timings, lookEveryUs: looksWhileQuiet * leaseUs, lookAgainUs: leaseUs };
    this.#scheduleAway();
  }

  /** The control plane's document from now on. */
  follow(electorate: () => Electorate): void {
    this.#electorate = electorate;
  }

  /** The version that it answers for, as it would tell the control plane. */
  acknowledges(): number {
    this.#votes = answerNode(this.#votes, this.#electorate(), witnessId, { type: "look" }).votes;
    return versionInForce(this.#votes);
  }

  /** Whether it would promise this group to the node now, for all that the node knows of the way. */
  wouldGrant(host: Host, group: GroupName): boolean {
    const { to = null, toIncarnation = 0 } = this.#votes.promises[group] ?? {};
    const isOpen = to === null || (to === host.id && toIncarnation === host.state?.incarnation);
    return isOpen && !this.#isOutOfReach(host) && host.state?.peers[witnessId]?.silent === false;
  }

  /** For one run of the agent. */
  open(host: Host): CloudVoter {
    const whileItRuns = whileRunning(host);
    const ports = {
      nowUs: () => host.localUs,
      callAt: (atUs: number, callback: () => void) => {
        let isCancelled = false;
        const run = whileItRuns(() => {
          if (!isCancelled) callback();
        });
        host.machine.atLocal(atUs, run, 50);
        return { cancel: () => void (isCancelled = true) };
      },
      ask: (question: CloudQuestion, answered: (answer: CloudAnswer | null) => void) => this.#carry(host, question, answered, whileItRuns),
      deliver: (message: Parameters<Host["takeMessage"]>[0]) =>
        host.takeMessage(message, this.#world.network.paths[0] ?? ("main" as never)),
      heartbeatUs: () => this.#world.options.timing.heartbeatIntervalMs * millisecond,
    };
    return new CloudVoter(witnessId, host.id, ports, this.#timings, this.#world.options.settings);
  }

  #carry(
    host: Host,
    question: CloudQuestion,
    answered: (answer: CloudAnswer | null) => void,
    whileItRuns: (run: () => void) => () => void,
  ): void {
    const world = this.#world;
    if (question.type === "ask") world.oracle.asksWitness(host);
    let isAnswered = false;
    const answerOnce = (answer: CloudAnswer | null): (() => void) =>
      whileItRuns(() => {
        if (isAnswered) return;
        isAnswered = true;
        answered(answer);
      });
    const patienceUs = Math.max(world.options.timing.leaseMs, 500) * millisecond;
    host.machine.after(patienceUs, answerOnce(null));
    if (this.#isLost(host)) return;
    world.queue.at(world.nowUs + this.#wayUs(), () => {
      const { votes, answer } = answerNode(this.#votes, this.#electorate(), host.id, question);
      this.#votes = votes;
      if (answer.verdict?.granted === true && question.type === "ask") world.situations.saw("a promise of the control plane");
      if (this.#isLost(host)) return world.situations.saw("an answer of the control plane that was lost");
      world.queue.at(world.nowUs + this.#wayUs(), answerOnce(answer));
    });
  }

  #isLost(host: Host): boolean {
    return this.#isOutOfReach(host) || (!this.#world.isHealed && this.#random.chance(this.#world.options.lossRate));
  }

  #isOutOfReach(host: Host): boolean {
    return this.#world.lost.has(host) || (!this.#world.isHealed && this.#outOfReach.has(host));
  }

  /** One way. */
  #wayUs(): number {
    const meanUs = this.#world.isHealed ? 5 : this.#random.pick([5, 15, 40]);
    return Math.round((1 + this.#random.exponential(meanUs)) * millisecond);
  }

  /** A node's other connection to the control plane breaks with this one, some time later, or does not; and comes back with it. */
  #tellOtherWays(): void {
    const world = this.#world;
    for (const host of world.hosts) {
      if (this.#outOfReach.has(host) && this.#otherWays.chance(0.3)) continue;
      const afterUs = Math.round(this.#otherWays.exponential(2 * world.options.timing.leaseMs * millisecond));
      world.queue.at(world.nowUs + afterUs, () => host.voter?.wayIsDoubtful(this.#outOfReach.has(host)));
    }
  }

  #scheduleAway(): void {
    const world = this.#world;
    const { faultEveryUs, healAtUs, timing } = world.options;
    const atUs = world.nowUs + Math.round(this.#random.exponential(faultEveryUs));
    if (atUs >= healAtUs) return;
    world.queue.at(atUs, () => {
      const isForAll = this.#random.chance(0.5);
      this.#outOfReach = new Set(world.hosts.filter(() => isForAll || this.#random.chance(0.5)));
      this.#tellOtherWays();
      world.changed();
      world.queue.at(world.nowUs + Math.round(this.#random.exponential(4 * timing.leaseMs * millisecond)), () => {
        this.#outOfReach = new Set();
        this.#tellOtherWays();
        world.changed();
        this.#scheduleAway();
      });
    });
  }
}

/** On the agent's own thread: later where that is paused. What is meant for an earlier run finds its voter closed. */
function whileRunning(host: Host): (act: () => void) => () => void {
  return (act) => {
    const attempt = (): void => (host.process === "paused" ? host.machine.after(1_000, attempt) : act());
    return attempt;
  };
}
