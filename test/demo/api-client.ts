import { z } from "zod";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { Approval } from "../../shared/domain/membership/approval.ts";
import type { WhenAlone } from "../../shared/domain/membership/when-alone.ts";
import { auditPageSchema } from "../../shared/protocol/access-contract.ts";
import { subscriptionSchema } from "../../shared/protocol/alert-contract.ts";
import { clusterSchema, clusterStateSchema, customerSchema, eventPageSchema, joinTokenSchema } from "../../shared/protocol/api-contract.ts";
import { apiErrorSchema } from "../../shared/protocol/errors.ts";
import { licenceSchema } from "../../shared/protocol/licence-contract.ts";
import { clusterPreflightSchema } from "../../shared/protocol/preflight-schema.ts";

/** The control plane's HTTP API as an MSP's own script would call it, with an API key. A refusal becomes an error with its message and next step. */
export class ApiClient {
  readonly #baseUrl: string;
  readonly #apiKey: string;

  constructor(baseUrl: string, apiKey: string) {
    this.#baseUrl = baseUrl.replace(/\/$/, "");
    this.#apiKey = apiKey;
  }

  async createCustomer(name: string) {
    return this.#call(customerSchema, "POST", "/v1/customers", { name });
  }

  async createCluster(customerId: string, body: Readonly<Record<string, unknown>>) {
    return this.#call(clusterSchema, "POST", `/v1/customers/${customerId}/clusters`, body);
  }

  async cluster(clusterId: string) {
    return this.#call(clusterSchema, "GET", `/v1/clusters/${clusterId}`);
  }

  /** Replaces a group, or adds it; `version`: of the document that the caller has read. */
  async putGroup(clusterId: string, version: number, name: string, body: Readonly<Record<string, unknown>>) {
    return this.#call(clusterSchema, "PUT", `/v1/clusters/${clusterId}/groups/${name}`, body, { "if-match": `"${version}"` });
  }

  /** Another name, or its nodes in another order. */
  async patchCluster(clusterId: string, body: { readonly name?: string; readonly ring?: readonly NodeId[] }) {
    return this.#call(clusterSchema, "PATCH", `/v1/clusters/${clusterId}`, body);
  }

  /** Another name or other addresses of a node. */
  async patchNode(clusterId: string, nodeId: NodeId, body: { readonly name?: string; readonly host?: string }) {
    return this.#call(clusterSchema, "PATCH", `/v1/clusters/${clusterId}/nodes/${nodeId}`, body);
  }

  async removeNode(clusterId: string, nodeId: NodeId) {
    return this.#call(clusterSchema, "DELETE", `/v1/clusters/${clusterId}/nodes/${nodeId}`);
  }

  /** The newest entries of the whole audit log, newest first. */
  async audit() {
    return this.#call(auditPageSchema, "GET", "/v1/audit?limit=200");
  }

  /** What two nodes without a third voter do when they lose each other. */
  async putWhenAlone(clusterId: string, whenAlone: WhenAlone) {
    return this.#call(clusterSchema, "PUT", `/v1/clusters/${clusterId}/when-alone`, { whenAlone });
  }

  async putCloudWitness(clusterId: string, cloudWitness: "on" | "off" | "automatic") {
    return this.#call(clusterSchema, "PUT", `/v1/clusters/${clusterId}/cloud-witness`, { cloudWitness });
  }

  /** An approver's signature for the cluster as it is now. */
  async putApproval(clusterId: string, approval: Approval) {
    return this.#call(clusterSchema, "PUT", `/v1/clusters/${clusterId}/approval`, approval);
  }

  async issueLicence(clusterId: string, nodes: number) {
    const validUntil = new Date(Date.now() + 365 * 86_400_000).toISOString();
    return this.#call(licenceSchema, "POST", `/v1/clusters/${clusterId}/licences`, { nodes, validUntil });
  }

  async createJoinToken(clusterId: string, body: Readonly<Record<string, unknown>> = {}) {
    return this.#call(joinTokenSchema, "POST", `/v1/clusters/${clusterId}/join-tokens`, body);
  }

  async subscribe(customerId: string, protocol: string, endpoint: string) {
    return this.#call(subscriptionSchema, "POST", `/v1/customers/${customerId}/alert-subscriptions`, { protocol, endpoint });
  }

  async subscriptions(customerId: string) {
    return this.#call(
      z.strictObject({ subscriptions: z.array(subscriptionSchema) }),
      "GET",
      `/v1/customers/${customerId}/alert-subscriptions`,
    );
  }

  /** The newest ones, newest first. */
  async events(clusterId: string, limit = 50) {
    return this.#call(eventPageSchema, "GET", `/v1/clusters/${clusterId}/events?limit=${limit}`);
  }

  /** What the nodes have found at their servers. */
  async preflight(clusterId: string) {
    return this.#call(clusterPreflightSchema, "GET", `/v1/clusters/${clusterId}/preflight`);
  }

  async clusterState(clusterId: string) {
    return this.#call(clusterStateSchema, "GET", `/v1/clusters/${clusterId}/state`);
  }

  async #call<Shape extends z.ZodType>(
    shape: Shape,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<z.infer<Shape>> {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const response = await fetch(this.#baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${this.#apiKey}`, ...type, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const answer: unknown = await response.json();
    if (response.ok) return shape.parse(answer);
    const refusal = apiErrorSchema.safeParse(answer);
    throw new Error(
      refusal.success
        ? `${method} ${path}: ${refusal.data.error.message}. ${refusal.data.error.nextStep}`
        : `${method} ${path}: status ${response.status}`,
    );
  }
}
