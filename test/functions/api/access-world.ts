import { apiApp } from "../../../functions/api/api-app.ts";
import type { Stores } from "../../../functions/store/stores.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { createCluster } from "../../../functions/use-cases/create-cluster.ts";
import { createCustomer } from "../../../functions/use-cases/create-customer.ts";
import { issueLicence } from "../../../functions/use-cases/issue-licence.ts";
import { type Role, roles } from "../../../shared/domain/access/access.ts";
import type { AuditRecord } from "../../../shared/domain/audit/audit-entry.ts";
import type { ClusterId, CustomerId, NodeId } from "../../../shared/domain/ids.ts";
import { type ControlPlane, enrolled, startControlPlane } from "../control-plane.ts";

export interface Tenant {
  readonly customerId: CustomerId;
  readonly clusterId: ClusterId;
  readonly nodeId: NodeId;
}

/** A caller of the API: a column of the matrix. */
export interface Caller {
  readonly name: string;
  readonly authorization: string | null;
  readonly role: Role | null;
  /** Whose caller it is; `nobody`: what it shows opens nothing. */
  readonly of: "nobody" | "provider" | "ours" | "theirs";
}

/** The real API on the real store, two customers with all that a customer has, and one caller of every kind. */
export class AccessWorld implements AsyncDisposable {
  readonly plane: ControlPlane;
  readonly ours: Tenant;
  readonly theirs: Tenant;
  readonly callers: readonly Caller[];
  /** What the requests since it was last emptied have written, as `store.method`. */
  readonly written: string[] = [];
  /** What of that went into the audit log. */
  readonly entries: AuditRecord[] = [];
  readonly #api: ReturnType<typeof apiApp>;

  private constructor(plane: ControlPlane, tenants: readonly [Tenant, Tenant], callers: readonly Caller[], appOf: typeof apiApp) {
    this.plane = plane;
    [this.ours, this.theirs] = tenants;
    this.callers = callers;
    const { stores, notifier, directory } = plane.dependencies;
    const watched = Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, this.#watched(name, store)]));
    this.#api = appOf({
      ...plane.dependencies,
      stores: watched as unknown as Stores,
      notifier: this.#watched("notifier", notifier),
      directory: this.#watched("directory", directory),
      rates: { signedIn: unlimited, customer: unlimited, strangers: unlimited },
      listing: { ofCaller: unlimited, ofCustomer: unlimited },
    });
  }

  /** `appOf`: in place of the real API as a whole. */
  static async open(appOf: typeof apiApp = apiApp): Promise<AccessWorld> {
    const plane = await startControlPlane();
    const tenants = [await newTenant(plane, "Adler"), await newTenant(plane, "Bär")] as const;
    return new AccessWorld(plane, tenants, await newCallers(plane, tenants), appOf);
  }

  /** A further cluster of our customer, for a request that can be made of a cluster only once. */
  async freshCluster(): Promise<Tenant> {
    const { customerId } = this.ours;
    return { customerId, ...(await newCluster(this.plane, customerId, "further hall")) };
  }

  async ask(caller: Caller, method: string, path: string, request: { readonly body?: unknown; readonly headers?: Record<string, string> }) {
    this.written.length = 0;
    this.entries.length = 0;
    const headers = new Headers({ ...request.headers, "content-type": "application/json" });
    if (caller.authorization !== null) headers.set("authorization", caller.authorization);
    const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
    return this.#api.request(path, { method, headers, ...body });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.plane.close();
  }

  /** The same object; every call that is not a read is noted. */
  #watched<Watched extends object>(name: string, watched: Watched): Watched {
    return new Proxy(watched, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== "function") return member;
        return (...parameters: unknown[]) => {
          const call = `${name}.${String(property)}`;
          if (!reads.test(String(property))) this.written.push(call);
          if (call === "audit.append") this.entries.push(parameters[0] as AuditRecord);
          return Reflect.apply(member, target, parameters) as unknown;
        };
      },
    });
  }
}

const unlimited = { perSecond: 1, burst: 100_000 };

/** That a key was used is remembered of every caller that has one. */
const reads = /^(find|list|page|due|isPending|archived|history|windows|markUsed|ensureTopic|subscriptions)/;

async function newTenant(plane: ControlPlane, name: string): Promise<Tenant> {
  const { customerId } = await createCustomer(plane.dependencies, { name });
  return { customerId, ...(await newCluster(plane, customerId, `hall of ${name}`)) };
}

async function newCluster(plane: ControlPlane, customerId: CustomerId, name: string): Promise<Omit<Tenant, "customerId">> {
  const { dependencies, clock } = plane;
  const cluster = await createCluster(dependencies, customerId, { name, timing: "default", dataSets: [], resources: [] });
  const { clusterId } = cluster.document;
  await issueLicence(dependencies, clusterId, {
    nodes: 2,
    validUntil: new Date(clock.nowMs + 30 * 86_400_000).toISOString(),
    graceDays: 30,
  });
  const { nodeId } = await enrolled(plane, clusterId, "first node", 7_000);
  return { clusterId, nodeId };
}

async function newCallers(plane: ControlPlane, [ours, theirs]: readonly [Tenant, Tenant]): Promise<readonly Caller[]> {
  const bearer = async (name: string, role: Role, customers: "all" | readonly CustomerId[], expiresAt: string | null = null) =>
    makeApiKey(plane.dependencies, "test", { name, access: { role, customers }, expiresAt });
  const expired = await bearer("expired", "owner", "all", new Date(plane.clock.nowMs - 1).toISOString());
  const revoked = await bearer("revoked", "owner", "all");
  await plane.dependencies.stores.apiKeys.remove(revoked.apiKey.keySha256);
  const outside: Caller[] = [
    { name: "nobody", authorization: null, role: null, of: "nobody" },
    { name: "a key that was never made", authorization: `Bearer uskey_${"x".repeat(43)}`, role: null, of: "nobody" },
    { name: "a key that has expired", authorization: `Bearer ${expired.secret}`, role: null, of: "nobody" },
    { name: "a key that was revoked", authorization: `Bearer ${revoked.secret}`, role: null, of: "nobody" },
  ];
  const inside = [
    { whose: "the provider", of: "provider", customers: "all" },
    { whose: "this customer", of: "ours", customers: [ours.customerId] },
    { whose: "another customer", of: "theirs", customers: [theirs.customerId] },
  ] as const;
  for (const { whose, of, customers } of inside)
    for (const role of roles) {
      const name = `${role} of ${whose}`;
      outside.push({ name, authorization: `Bearer ${(await bearer(name, role, customers)).secret}`, role, of });
    }
  return outside;
}
