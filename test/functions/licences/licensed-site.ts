import { createCluster } from "../../../functions/use-cases/create-cluster.ts";
import { createCustomer } from "../../../functions/use-cases/create-customer.ts";
import { dispatchAlerts } from "../../../functions/use-cases/dispatch-alerts.ts";
import { enrolNode } from "../../../functions/use-cases/enrol-node.ts";
import { issueLicence } from "../../../functions/use-cases/issue-licence.ts";
import { recordEvents } from "../../../functions/use-cases/record-events.ts";
import { Refusal } from "../../../functions/use-cases/refusal.ts";
import { settleLicences } from "../../../functions/use-cases/settle-licences.ts";
import type { ClusterId, GroupName, NodeId } from "../../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../../shared/domain/membership/cluster-document.ts";
import type { EnrolRequest } from "../../../shared/protocol/api-contract.ts";
import type { IssueLicenceRequest } from "../../../shared/protocol/licence-contract.ts";
import { acknowledge, type ControlPlane, enrolRequest, newIdentity, newToken, takeoverEvent } from "../control-plane.ts";
import { putGroup } from "../put-group.ts";

const msPerDay = 86_400_000;
const farFuture = Date.UTC(2090, 0, 1);

/** A customer's cluster on the real use cases and the real store, whose days pass as the test says. */
export class LicensedSite {
  readonly clusterId: ClusterId;
  readonly #plane: ControlPlane;
  #epoch = 0;
  #ports = 7_000;

  private constructor(plane: ControlPlane, clusterId: ClusterId) {
    this.#plane = plane;
    this.clusterId = clusterId;
  }

  static async open(plane: ControlPlane): Promise<LicensedSite> {
    const { customerId } = await createCustomer(plane.dependencies, { name: "Hotel Adler" });
    const cluster = await createCluster(plane.dependencies, customerId, {
      name: "front desk",
      timing: "default",
      dataSets: [],
      resources: [],
    });
    return new LicensedSite(plane, cluster.document.clusterId);
  }

  async document(): Promise<ClusterDocument> {
    const cluster = await this.#plane.dependencies.stores.clusters.find(this.clusterId);
    if (cluster === undefined) throw new Error("the cluster is gone");
    return cluster.document;
  }

  /** For so many days from now on. */
  async license(days: number, grant: Partial<IssueLicenceRequest> = {}) {
    const validUntil = new Date(this.#plane.clock.nowMs + days * msPerDay - 1).toISOString();
    return issueLicence(this.#plane.dependencies, this.clusterId, { nodes: 2, graceDays: 30, ...grant, validUntil });
  }

  async request(name: string, hardwareAddresses: readonly string[] = []): Promise<EnrolRequest> {
    this.#ports += 10;
    const identity = await newIdentity({ notAfterMs: farFuture });
    const request = enrolRequest(await newToken(this.#plane, this.clusterId), identity, name, this.#ports);
    return { ...request, hardwareAddresses: [...hardwareAddresses] };
  }

  /** Joins, and acts on the newest document. */
  async join(name: string, ...hardwareAddresses: string[]): Promise<NodeId> {
    const { nodeId } = await enrolNode(this.#plane.dependencies, await this.request(name, hardwareAddresses));
    await acknowledge(this.#plane, this.clusterId, nodeId);
    return nodeId;
  }

  /** Days on which nobody looks. */
  skip(days: number): void {
    this.#plane.clock.nowMs += days * msPerDay;
  }

  /** Day by day, looked after once in each. */
  async pass(days: number): Promise<void> {
    for (let day = 0; day < days; day += 1) {
      this.#plane.clock.nowMs += msPerDay;
      await settleLicences(this.#plane.dependencies, this.clusterId);
    }
  }

  /** What subscribers were told of licences, oldest first: each alert that went out, in words. */
  async told(): Promise<readonly string[]> {
    let more = true;
    while (more) ({ more } = await dispatchAlerts(this.#plane.dependencies));
    return this.#plane.alerts.published
      .map(({ body }) => body)
      .filter(({ cluster, kind }) => cluster.id === this.clusterId && kind.startsWith("licence."))
      .map(({ sentence }) => sentence);
  }

  /**
   * Everything that a running cluster asks of the control plane, done once: reports are taken, an event is stored and its alert goes out, and the
   * document still names every node with its vote. Throws where any of it fails.
   */
  async operate(): Promise<void> {
    const { dependencies, alerts } = this.#plane;
    const { nodes } = await this.document();
    const [first, second = first] = nodes;
    if (first === undefined || second === undefined) throw new Error("nothing runs here");
    for (const { nodeId } of nodes) await acknowledge(this.#plane, this.clusterId, nodeId);
    this.#epoch += 1;
    const takeover = takeoverEvent(this.clusterId, second.nodeId, first.nodeId, this.#epoch);
    const receipt = await recordEvents(dependencies, { clusterId: this.clusterId, nodeId: second.nodeId }, { events: [takeover] });
    if (receipt?.stored.length !== 1) throw new Error(`a takeover was not stored: ${JSON.stringify(receipt)}`);
    await this.told();
    if (
      !alerts.published.some(({ body }) => body.incident?.facts.some(({ at, kind }) => at === takeover.at && kind === takeover.detail.kind))
    )
      throw new Error("a takeover was not alerted");
    const after = (await this.document()).nodes.map(({ nodeId, voting }) => `${nodeId} ${voting}`);
    if (after.join() !== nodes.map(({ nodeId, voting }) => `${nodeId} ${voting}`).join()) throw new Error("the members have changed");
  }

  /** The code of the refusal, or `yes`: whether one more node can join. */
  async joinsAnother(): Promise<string> {
    const request = await this.request(`spare ${this.#ports}`);
    return refusalOf(() => enrolNode(this.#plane.dependencies, request));
  }

  /** The same for a change of what fails over. */
  async configures(): Promise<string> {
    const { version, groups } = await this.document();
    const [group] = groups;
    if (group === undefined) throw new Error("there is no group");
    const content = { order: group.order, resources: [{ kind: "service" as const, name: `phones-${version}` }], failback: group.failback };
    const target = { clusterId: this.clusterId, group: "default" as GroupName, expectedVersion: version };
    return refusalOf(() => putGroup(this.#plane.dependencies, target, content));
  }
}

export async function refusalOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return "yes";
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}
