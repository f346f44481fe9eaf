import { type CustomerScope, reaches } from "../../shared/domain/access/access.ts";
import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import { OutsideScopeError } from "./store-error.ts";
import { type Owner, provider, storeOwners } from "./store-owners.ts";
import type { Stores } from "./stores.ts";

/** A method of a store and its rule, of whatever types: `StoreOwners` holds the two to each other. */
type Call = (...parameters: unknown[]) => Promise<unknown>;
interface AnyRule {
  readonly of?: (...parameters: unknown[]) => readonly Owner[] | typeof provider | Promise<readonly Owner[]>;
  readonly found?: (entry: unknown) => Owner;
}

/**
 * The stores as somebody may use them who is limited to some customers: the second line behind the check at the door (`api/gate.ts`, `console/page-access.ts`), which
 * knows nothing of it. What belongs to another customer is not found and not listed; whatever names it otherwise is refused with an `OutsideScopeError` before
 * anything is read or written. Whose a cluster is, the store says. Somebody with all customers gets the stores as they are.
 */
export function scopedStores(stores: Stores, customers: CustomerScope): Stores {
  if (customers === "all") return stores;
  const isWithin = ownership(stores, customers);
  const owners = storeOwners(stores);
  const scoped = (Object.keys(owners) as (keyof Stores)[]).map((name) => [name, scopedStore(name, stores[name], owners[name], isWithin)]);
  return Object.fromEntries(scoped) as Stores;
}

type IsWithin = (owner: Owner) => Promise<boolean>;

function scopedStore(name: string, store: object, rules: object, isWithin: IsWithin): object {
  const methods = Object.entries(rules).map(([method, rule]: [string, AnyRule]) => {
    const call: Call = (...parameters) => (Reflect.get(store, method) as Call).apply(store, parameters);
    return [method, scopedCall(`${name}.${method}`, call, rule, isWithin)] as const;
  });
  return Object.fromEntries(methods);
}

function scopedCall(what: string, call: Call, { of, found }: AnyRule, isWithin: IsWithin): Call {
  return async (...parameters) => {
    const owners = (await of?.(...parameters)) ?? [];
    if (owners === provider || !(await areWithin(owners, isWithin))) throw new OutsideScopeError(what);
    const result = await call(...parameters);
    if (found === undefined || result === undefined) return result;
    if (!Array.isArray(result)) return (await isWithin(found(result))) ? result : undefined;
    const own = await Promise.all(result.map((entry: unknown) => isWithin(found(entry))));
    return result.filter((_entry, index) => own[index]);
  };
}

async function areWithin(owners: readonly Owner[], isWithin: IsWithin): Promise<boolean> {
  return (await Promise.all(owners.map(isWithin))).every(Boolean);
}

function ownership(stores: Stores, customers: readonly CustomerId[]): IsWithin {
  const access = { role: "viewer", customers } as const;
  const within = (customerId: CustomerId | null): boolean => customerId !== null && reaches(access, customerId);
  // A cluster stays its customer's; one that is not there yet may be made by this very request.
  const known = new Set<ClusterId>();
  const ofCluster = async (clusterId: ClusterId): Promise<boolean> => {
    if (known.has(clusterId)) return true;
    const cluster = await stores.clusters.find(clusterId);
    // What is left of one that was removed stays its customer's.
    const customerId = cluster?.document.customerId ?? (await stores.removals.findCluster(clusterId))?.customerId;
    if (!within(customerId ?? null)) return false;
    known.add(clusterId);
    return true;
  };
  return async (owner) => {
    if (owner.customerId !== undefined && !within(owner.customerId)) return false;
    if (owner.access !== undefined && (owner.access.customers === "all" || !owner.access.customers.every(within))) return false;
    return owner.clusterId === undefined || ofCluster(owner.clusterId);
  };
}
