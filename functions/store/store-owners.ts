import type { Access } from "../../shared/domain/access/access.ts";
import type { ClusterId, CustomerId } from "../../shared/domain/ids.ts";
import type { ClusterRemoval } from "./removal-store.ts";
import type { Stores } from "./stores.ts";

/**
 * Whose something is: a cluster's, a customer's (null: the provider's own), or that of whoever has this access. Any of them that is there must be within the scope:
 * what is put into a store says it by its own fields.
 */
export interface Owner {
  readonly clusterId?: ClusterId;
  readonly customerId?: CustomerId | null;
  readonly access?: Access;
}

/** For the control plane alone: what looks through everybody's, or belongs to requests of nobody who is signed in. */
export const provider = "provider";

/** Whose a call is by what it is called with, before it is made; and by what it has found, before that is handed out. */
interface Rule<Parameters extends readonly unknown[], Result> {
  /** Absent: anybody may call it; what comes of it is judged by `found`, or belongs to the caller by its key. */
  readonly of?: (...parameters: Parameters) => readonly Owner[] | typeof provider | Promise<readonly Owner[]>;
  /** What is found and belongs to somebody else is as little there as what never was. */
  readonly found?: [NonNullable<Result>] extends [readonly (infer Entry)[]]
    ? (entry: Entry) => Owner
    : (result: NonNullable<Result>) => Owner;
}

type RulesOf<Store> = {
  readonly [Method in keyof Store]: Store[Method] extends (...parameters: infer Parameters) => Promise<infer Result>
    ? Rule<Parameters, Result>
    : never;
};
/** Every method of every store: whoever adds one says here whose what it touches is, or the types do not hold. */
export type StoreOwners = { readonly [Name in keyof Stores]: RulesOf<Stores[Name]> };

const ofCluster = { of: (clusterId: ClusterId): readonly Owner[] => [{ clusterId }] };
const ofCustomer = { of: (customerId: CustomerId): readonly Owner[] => [{ customerId }] };
/** Of what says by its own fields whose it is. */
const itsOwn = { of: (entry: Owner): readonly Owner[] => [entry] };
/** A cluster that was removed, by what its note says and by what the store says. */
const ofRemoved = { of: ({ clusterId, customerId }: ClusterRemoval): readonly Owner[] => [{ clusterId, customerId }] };
const providersOwn = { of: (): typeof provider => provider };

/** `stores`: without a scope, to find out whose something is that is named by a key of its own. */
export function storeOwners(stores: Stores): StoreOwners {
  const ofToken = async (secretSha256: string): Promise<readonly Owner[]> => {
    const token = await stores.tokens.find(secretSha256);
    return token === undefined ? [] : [{ clusterId: token.clusterId }];
  };
  const ofUser = async (userId: string): Promise<readonly Owner[]> => {
    const user = await stores.users.find(userId);
    return user === undefined ? [] : [{ access: user.access }];
  };
  return {
    customers: {
      add: itsOwn,
      find: ofCustomer,
      list: { found: ({ customerId }) => ({ customerId }) },
      noteCluster: ofCustomer,
      newestCluster: ofCustomer,
    },
    clusters: {
      add: { of: ({ document: { customerId } }) => [{ customerId }] },
      replace: { of: ({ document: { clusterId, customerId } }) => [{ clusterId, customerId }] },
      find: { found: ({ document: { customerId } }) => ({ customerId }) },
      listOfCustomer: ofCustomer,
      addCertificate: { of: (_certificateSha256, { clusterId }) => [{ clusterId }] },
      findByCertificate: { found: ({ clusterId }) => ({ clusterId }) },
    },
    events: { add: itsOwn, find: ofCluster, page: ofCluster },
    alertInbox: { add: itsOwn, due: providersOwn, isPending: itsOwn, postpone: itsOwn, markTaken: itsOwn },
    incidents: {
      find: ofCluster,
      save: { of: ({ book: { clusterId } }) => [{ clusterId }] },
      due: providersOwn,
      archive: ofCluster,
      archived: ofCluster,
    },
    summaries: {
      find: ofCluster,
      save: { of: ({ summary: { clusterId, customerId } }) => [{ clusterId, customerId }] },
      remove: ofCluster,
      list: { found: ({ customerId }) => ({ customerId }) },
      completeForm: providersOwn,
      noteComplete: providersOwn,
    },
    outgoingAlerts: {
      add: itsOwn,
      due: providersOwn,
      standing: itsOwn,
      markSent: itsOwn,
      postpone: itsOwn,
      wait: itsOwn,
      history: ofCluster,
    },
    alertSettings: { find: ofCustomer, put: ofCustomer, windows: ofCustomer, putWindow: ofCustomer, removeWindow: ofCustomer },
    licences: {
      add: { of: ({ licence: { clusterId, customerId } }) => [{ clusterId, customerId }] },
      withdraw: ofCluster,
      isWithdrawn: ofCluster,
      listOfCluster: ofCluster,
    },
    licenceBasis: {
      putDevices: ofCluster,
      findDevices: ofCluster,
      putHardware: ofCluster,
      listHardware: ofCluster,
      findUsageTold: ofCluster,
      putUsageTold: ofCluster,
    },
    tokens: {
      add: itsOwn,
      listOfCluster: ofCluster,
      withdraw: { of: ofToken },
      find: { found: ({ clusterId }) => ({ clusterId }) },
      claim: providersOwn,
      release: providersOwn,
      markUsed: providersOwn,
    },
    reports: { put: { of: ({ report: { clusterId } }) => [{ clusterId }] }, listOfCluster: ofCluster },
    presence: { put: itsOwn, find: ofCluster, listOfCluster: ofCluster, toJudge: providersOwn, judged: itsOwn },
    apiKeys: {
      add: { of: ({ access }) => [{ access }] },
      find: { found: ({ access }) => ({ access }) },
      list: { found: ({ access }) => ({ access }) },
      count: {},
      markUsed: { of: ({ access }) => [{ access }] },
      remove: {
        of: async (keySha256) => {
          const key = await stores.apiKeys.find(keySha256);
          return key === undefined ? [] : [{ access: key.access }];
        },
      },
    },
    users: {
      add: { of: ({ access }) => [{ access }] },
      replace: { of: async ({ userId, access }) => [{ access }, ...(await ofUser(userId))] },
      find: { found: ({ access }) => ({ access }) },
      list: { found: ({ access }) => ({ access }) },
      count: {},
      remove: { of: ofUser },
    },
    audit: {
      append: { of: ({ customerId }) => (customerId === null ? [] : [{ customerId }]) },
      page: { of: ({ customerId }) => (customerId === undefined ? provider : [{ customerId }]) },
    },
    // Keys are made of who calls, and answers sealed with what the caller alone has.
    idempotency: { begin: {}, finish: {} },
    witness: { find: ofCluster, begin: ofCluster, replace: ofCluster },
    removals: {
      removeCluster: ofRemoved,
      removeCustomer: itsOwn,
      findCluster: { found: ({ customerId }) => ({ customerId }) },
      findCustomer: { found: ({ customerId }) => ({ customerId }) },
      clearCluster: ofRemoved,
      clearCustomer: itsOwn,
      unfinishedClusters: providersOwn,
      unfinishedCustomers: providersOwn,
      finishCluster: providersOwn,
      finishCustomer: providersOwn,
    },
  };
}
