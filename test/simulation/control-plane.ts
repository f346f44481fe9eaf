import { viewOf } from "../../shared/domain/failover/node-view.ts";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { activeMemberships, type Membership, mayChangeTo } from "../../shared/domain/membership/membership-change.ts";
import { learnerToPromote } from "../../shared/domain/membership/promotion.ts";
import { votersOf } from "../../shared/domain/membership/quorum.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { clusterDocument, shortName } from "./cluster.ts";
import type { World } from "./world.ts";

const pushEveryUs = 500_000;

/** Changes who belongs to the cluster, as hastily as its own rule allows, and pushes the newest document to whomever it reaches. */
export class ControlPlane {
  readonly #world: World;
  readonly #random: SeededRandom;
  #document: ClusterDocument;
  #memberships: readonly Membership[];
  /** Sites lose their way to the cloud for long: these hear of a change from a peer, or act on what was before. */
  #outOfReach: ReadonlySet<NodeId> = new Set();

  constructor(world: World, document: ClusterDocument) {
    this.#world = world;
    this.#random = new SeededRandom(world.options.seed, "membership");
    this.#document = document;
    this.#memberships = [{ version: document.version, voters: votersOf(document) }];
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
      const cutOff = this.#world.hosts.filter(() => this.#random.chance(0.3));
      this.#outOfReach = new Set(cutOff.map((host) => host.id));
      this.#change();
      this.#schedule();
    });
  }

  /** A node joins as a learner, or gets its vote (mostly once it is ready), or is removed. */
  #change(): void {
    const node = this.#random.pick(this.#world.hosts).id;
    const members = this.#document.nodes.map(({ nodeId }) => nodeId);
    const learners = new Set(this.#document.nodes.filter(({ voting }) => !voting).map(({ nodeId }) => nodeId));
    if (!members.includes(node)) return void this.#try([...members, node], new Set([...learners, node]));
    if (!learners.has(node)) {
      if (members.length - learners.size <= 2) return;
      return void this.#try(
        members.filter((member) => member !== node),
        learners,
      );
    }
    // Safety must not hang on the learner's being ready: the rule is there for the service to go on.
    const isHasty = this.#random.chance(0.3);
    const promoted = isHasty ? node : this.#readyLearner();
    if (promoted !== null) this.#try(members, without(learners, promoted));
  }

  /** The production rule, on what every running node would report. */
  promote(): boolean {
    const promoted = this.#readyLearner();
    const learners = this.#document.nodes.filter(({ voting }) => !voting).map(({ nodeId }) => nodeId);
    const members = this.#document.nodes.map(({ nodeId }) => nodeId);
    return promoted !== null && this.#try(members, without(new Set(learners), promoted));
  }

  #readyLearner(): NodeId | null {
    const reports = this.#world.hosts.flatMap((host) => {
      if (host.state === null || host.process !== "running") return [];
      return [{ nodeId: host.id, documentVersion: host.document.version, ...viewOf(host.state, host.localUs) }];
    });
    return learnerToPromote(this.#document, reports);
  }

  /** False where the last change of voters is not settled yet. */
  #try(members: readonly NodeId[], learners: ReadonlySet<NodeId>): boolean {
    const voters = members.filter((member) => !learners.has(member));
    const acknowledged = new Map(this.#world.hosts.map((host) => [host.id, host.document.version]));
    const active = activeMemberships(this.#memberships, acknowledged);
    if (!mayChangeTo(voters, active)) return false;
    this.#memberships = [...active, { version: this.#document.version + 1, voters }];
    this.#world.faults += 1;
    this.sign(members, learners);
    return true;
  }

  /** The next version of the document, with these members. */
  sign(members: readonly NodeId[], learners: ReadonlySet<NodeId> = new Set()): ClusterDocument {
    this.#document = clusterDocument(this.#world.options, this.#document.version + 1, members, learners);
    this.#world.changed();
    const names = members.map((member) => `${shortName(member)}${learners.has(member) ? " (learner)" : ""}`);
    this.#world.log(null, `document ${this.#document.version}: ${names.join(" ")}`);
    return this.#document;
  }

  get document(): ClusterDocument {
    return this.#document;
  }

  /** The way from the cloud to each node is a lossy one of its own. */
  #push(): void {
    for (const host of this.#world.hosts) {
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
