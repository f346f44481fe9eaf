import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { activeMemberships, type Membership, mayChangeTo } from "../../shared/domain/membership/membership-change.ts";
import { SeededRandom } from "../../shared/domain/seeded-random.ts";
import { clusterDocument, shortName } from "./cluster.ts";
import type { World } from "./world.ts";

const pushEveryUs = 500_000;

/** Changes who belongs to the cluster, as hastily as its own rule allows, and pushes the newest document to whomever it reaches. */
export class ControlPlane {
  readonly #world: World;
  readonly #random: SeededRandom;
  #document: ClusterDocument;
  #memberships: Membership[];

  constructor(world: World, document: ClusterDocument) {
    this.#world = world;
    this.#random = new SeededRandom(world.options.seed, "membership");
    this.#document = document;
    this.#memberships = [{ version: document.version, members: this.#members() }];
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
      this.#change();
      this.#schedule();
    });
  }

  #members(): NodeId[] {
    return this.#document.nodes.map((node) => node.nodeId);
  }

  #change(): void {
    const acknowledged = new Map(this.#world.hosts.map((host) => [host.id, host.document.version]));
    const active = activeMemberships(this.#memberships, acknowledged);
    const node = this.#random.pick(this.#world.hosts).id;
    const members = this.#members();
    const next = members.includes(node) ? members.filter((member) => member !== node) : [...members, node];
    if (next.length < 2 || !mayChangeTo(next, active)) return;
    this.#memberships = [...active, { version: this.#document.version + 1, members: next }];
    this.#world.faults += 1;
    this.sign(next);
  }

  /** The next version of the document, with these members. */
  sign(members: readonly NodeId[]): ClusterDocument {
    this.#document = clusterDocument(this.#world.options, this.#document.version + 1, members);
    this.#world.changed();
    this.#world.log(null, `document ${this.#document.version}: ${members.map(shortName).join("")}`);
    return this.#document;
  }

  /** The way from the cloud to each node is a lossy one of its own. */
  #push(): void {
    for (const host of this.#world.hosts) {
      const isThrough = this.#world.isHealed || this.#random.chance(0.5);
      const document = this.#document;
      if (isThrough) this.#world.queue.at(this.#world.nowUs + this.#random.between(1_000, pushEveryUs), () => host.takeDocument(document));
    }
    this.#world.queue.at(this.#world.nowUs + pushEveryUs, () => this.#push());
  }
}
