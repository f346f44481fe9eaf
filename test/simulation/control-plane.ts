import { viewOf } from "../../shared/domain/failover/node-view.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument, Witness } from "../../shared/domain/membership/cluster-document.ts";
import { activeMemberships, type Membership, mayChangeTo } from "../../shared/domain/membership/membership-change.ts";
import { learnerToPromote, type VoterReport } from "../../shared/domain/membership/promotion.ts";
import { votersOf } from "../../shared/domain/membership/quorum.ts";
import { witnessVoteDue } from "../../shared/domain/membership/witness-vote.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { clusterDocument, shortName, witnessId } from "./cluster.ts";
import type { World } from "./world.ts";

const pushEveryUs = 500_000;

/** What a change of members may touch. */
interface Parts {
  readonly members: readonly NodeId[];
  readonly learners: ReadonlySet<NodeId>;
  readonly witness: Pick<Witness, "voting"> | null;
}

/** Changes who belongs to the cluster, as hastily as its own rule allows, and pushes the newest document to whomever it reaches. */
export class ControlPlane {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #witnessRandom: SeededRandom;
  #document: ClusterDocument;
  #memberships: readonly Membership[];
  /** Sites lose their way to the cloud for long: these hear of a change from a peer, or act on what was before. */
  #outOfReach: ReadonlySet<NodeId> = new Set();

  constructor(world: World, document: ClusterDocument) {
    this.#world = world;
    this.#random = new SeededRandom(world.options.seed, "membership");
    this.#witnessRandom = new SeededRandom(world.options.seed, "witness membership");
    this.#document = document;
    this.#memberships = [{ version: document.version, voters: votersOf(document) }];
    world.cloud?.follow(() => ({ document: this.#document, votersSince: this.#votersSince() }));
  }

  run(): void {
    if (this.#world.options.on.has("membership")) this.#schedule();
    this.#push();
  }

  #schedule(): void {
    const { faultEveryUs, healAtUs } = this.#world.options;
    const atUs = this.#world.nowUs + Math.round(this.#random.exponential(faultEveryUs));
    if (atUs >= healAtUs) return;
    this.#world.queue.at(atUs, () => {
      const cutOff = this.#world.everyone.filter(() => this.#random.chance(0.3));
      this.#outOfReach = new Set(cutOff.map((host) => host.id));
      this.#change();
      if (this.#world.witness !== null || this.#world.cloud !== null) this.#changeWitness();
      this.#schedule();
    });
  }

  /** A node joins as a learner, or gets its vote (mostly once it is ready), or is removed. */
  #change(): void {
    const node = this.#random.pick(this.#world.hosts).id;
    const { members, learners } = this.#parts();
    if (!members.includes(node))
      return void this.#try(this.#parts({ members: [...members, node], learners: new Set([...learners, node]) }));
    if (!learners.has(node)) {
      if (members.length - learners.size <= 2) return;
      return void this.#try(this.#parts({ members: members.filter((member) => member !== node) }));
    }
    // Safety must not hang on the learner's being ready: the rule is there for the service to go on.
    const isHasty = this.#random.chance(0.3);
    const promoted = isHasty ? node : this.#readyLearner();
    if (promoted !== null) this.#try(this.#parts({ learners: without(learners, promoted) }));
  }

  /** The witness comes, goes, gets its vote or loses it: as the production rule says, or at any time. Safety must not hang on an even number of nodes. */
  #changeWitness(): void {
    const { witness } = this.#document;
    const random = this.#witnessRandom;
    if (random.chance(0.3)) return void this.giveWitnessItsVote();
    if (random.chance(0.5)) return;
    if (witness === undefined) return void this.#try(this.#parts({ witness: { voting: random.chance(0.5) } }));
    this.#try(this.#parts({ witness: random.chance(0.3) ? null : { voting: !witness.voting } }));
  }

  /** The production rule, for the witness: its vote given, or taken. */
  giveWitnessItsVote(): boolean {
    const voting = witnessVoteDue(this.#document, this.#reports());
    return voting !== null && this.#try(this.#parts({ witness: { voting } }));
  }

  /** The production rule, on what every running node would report. */
  promote(): boolean {
    const promoted = this.#readyLearner();
    return promoted !== null && this.#try(this.#parts({ learners: without(this.#parts().learners, promoted) }));
  }

  #readyLearner(): NodeId | null {
    return learnerToPromote(this.#document, this.#reports());
  }

  #reports(): readonly VoterReport[] {
    return this.#world.everyone.flatMap((host) => {
      if (host.state === null || host.process !== "running") return [];
      return [{ nodeId: host.id, ...viewOf(host.state, host.localUs) }];
    });
  }

  /** What the present document says, with these changes. */
  #parts(changes: Partial<Parts> = {}): Parts {
    const { nodes, witness } = this.#document;
    const learners = new Set(nodes.filter(({ voting }) => !voting).map(({ nodeId }) => nodeId));
    return { members: nodes.map(({ nodeId }) => nodeId), learners, witness: witness ?? null, ...changes };
  }

  /** False where the last change of voters is not settled yet. */
  #try(parts: Parts): boolean {
    const voters = votersOf(this.#draft(parts));
    const acknowledged = new Map(this.#world.everyone.map((host) => [host.id, host.toldVersion]));
    if (this.#world.cloud !== null) acknowledged.set(witnessId, this.#world.cloud.acknowledges());
    const active = activeMemberships(this.#memberships, acknowledged);
    if (!mayChangeTo(voters, active)) return false;
    this.#memberships = active;
    this.#world.documentChanges += 1;
    this.#sign(parts);
    return true;
  }

  /** False where its rule does not allow it now. */
  changeVoters(members: readonly NodeId[]): boolean {
    return this.#try(this.#parts({ members, learners: new Set() }));
  }

  /** The version from which on the document has had the voters that it has now. */
  #votersSince(): number {
    const now = new Set(votersOf(this.#document));
    const isOther = ({ voters }: Membership): boolean => voters.length !== now.size || voters.some((voter) => !now.has(voter));
    return this.#memberships[this.#memberships.findLastIndex(isOther) + 1]?.version ?? this.#document.version;
  }

  /** The next version of the document, with these members and the same witness. */
  sign(members: readonly NodeId[], learners: ReadonlySet<NodeId> = new Set()): ClusterDocument {
    return this.#sign(this.#parts({ members, learners }));
  }

  /** The next version of the document, which this group stands in no longer. */
  signWithoutGroup(gone: string): ClusterDocument {
    const { version, groups } = this.#document;
    this.#document = { ...this.#document, version: version + 1, groups: groups.filter(({ name }) => name !== gone) };
    this.#world.changed();
    this.#world.log(null, `document ${version + 1}: without group ${gone}`);
    return this.#document;
  }

  #draft({ members, learners, witness }: Parts): ClusterDocument {
    return clusterDocument(this.#world.options, this.#document.version + 1, members, learners, witness);
  }

  #sign(parts: Parts): ClusterDocument {
    this.#document = this.#draft(parts);
    this.#memberships = [...this.#memberships, { version: this.#document.version, voters: votersOf(this.#document) }];
    this.#world.changed();
    const names = parts.members.map((member) => `${shortName(member)}${parts.learners.has(member) ? " (learner)" : ""}`);
    const witness = parts.witness === null ? [] : [`witness${parts.witness.voting ? "" : " (without a vote)"}`];
    this.#world.log(null, `document ${this.#document.version}: ${[...names, ...witness].join(" ")}`);
    return this.#document;
  }

  get document(): ClusterDocument {
    return this.#document;
  }

  /** The way from the cloud to each node is a lossy one of its own. */
  #push(): void {
    for (const host of this.#world.everyone) {
      const isThrough = this.#world.isHealed || (!this.#outOfReach.has(host.id) && this.#random.chance(0.5));
      const document = this.#document;
      if (isThrough) this.#world.queue.at(this.#world.nowUs + this.#random.between(1_000, pushEveryUs), () => host.takeDocument(document));
    }
    this.#world.queue.at(this.#world.nowUs + pushEveryUs, () => this.#push());
  }
}

function without(nodes: ReadonlySet<NodeId>, node: NodeId): ReadonlySet<NodeId> {
  return new Set([...nodes].filter((one) => one !== node));
}
