import { z } from "zod";
import { limits } from "../config/limits.ts";
import { nodeReportSchema } from "./cloud-messages.ts";
import {
  clusterDocumentSchema,
  dataSetContentSchema,
  dataSetSchema,
  failbackSchema,
  lanPathsSchema,
  timingSchema,
  whenAloneSchema,
} from "./cluster-document-schema.ts";
import { clusterEventSchema } from "./event-schema.ts";
import { hardwareAddressSchema } from "./hardware-address.ts";
import {
  clusterIdSchema,
  customerIdSchema,
  displayNameSchema,
  groupNameSchema,
  hostSchema,
  nodeIdSchema,
  slugSchema,
  timestampSchema,
} from "./id-schemas.ts";
import { resourceSchema } from "./resource-schema.ts";

/** Bodies of the HTTP API, `/v1`. Routes are in functions/api; the OpenAPI document is generated from both. */

export const customerSchema = z.strictObject({ customerId: customerIdSchema, name: displayNameSchema, createdAt: timestampSchema });
export const createCustomerSchema = z.strictObject({ name: displayNameSchema });

export const clusterSchema = z.strictObject({ document: clusterDocumentSchema, licensedNodes: z.int().min(0) });
export const createClusterSchema = z.strictObject({
  name: displayNameSchema,
  timing: timingSchema.default("default"),
  dataSets: z.array(dataSetSchema).max(limits.dataSetsPerClusterMax).default([]),
  /** Resources of the group `default`. */
  resources: z.array(resourceSchema).max(32).default([]),
});

export const clusterListSchema = z.strictObject({ clusters: z.array(clusterSchema) });

/** Of a change: not to make it, but to be told what would follow. */
export const dryRunQuerySchema = z.strictObject({
  dryRun: z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true"),
});
/** `version`: of the document as it is; `nextVersion`: as it would be, the same where nothing would be changed. */
export const changePreviewSchema = z.strictObject({
  version: z.int().min(1),
  nextVersion: z.int().min(1),
  consequences: z.array(z.string()),
});

/** Of what is no change of the document, and is not made either: what would follow, in sentences. */
export const consequencesSchema = z.strictObject({ consequences: z.array(z.string()) });
export type ConsequencesBody = z.infer<typeof consequencesSchema>;

const somethingOf = (body: object): boolean => Object.keys(body).length > 0;
/** What is left out stays. */
export const patchClusterSchema = z
  .strictObject({ name: displayNameSchema.exactOptional(), ring: z.array(nodeIdSchema).max(limits.nodesPerClusterMax).exactOptional() })
  .refine(somethingOf, "name or ring: say what is to be changed");
export const patchNodeSchema = z
  .strictObject({ name: displayNameSchema.exactOptional(), host: hostSchema.exactOptional(), paths: lanPathsSchema.exactOptional() })
  .refine(somethingOf, "name, host or paths: say what is to be changed");

export const putGroupSchema = z.strictObject({
  order: z.array(nodeIdSchema).max(limits.nodesPerClusterMax),
  resources: z.array(resourceSchema).max(32),
  failback: failbackSchema,
  /** False: a service that dies is started anew on the same node, once a minute at most, before the group moves. */
  swapOnReset: z.boolean().optional(),
});

/** `survivor` and `probe` are for two nodes without a witness; its risk is told in the console. */
export const putWhenAloneSchema = z.strictObject({ whenAlone: whenAloneSchema });

export const createJoinTokenSchema = z.strictObject({
  /** A witness has a vote and no data, and needs no licence; a cluster has one at most. */
  role: z.enum(["node", "witness"]).default("node"),
  /** A node, or the witness, that is enrolled already and whose certificate has expired or is lost: the token gives it another one, and enrols nobody. */
  nodeId: nodeIdSchema.exactOptional(),
  lifetimeSeconds: z.int().min(1).max(limits.joinTokenLifetimeSecondsMax).default(limits.joinTokenLifetimeSecondsMax),
});
/** The token is shown once; the cloud keeps only its hash. It carries the API's address and the certificate to expect there (join-token.ts). */
export const joinTokenSchema = z.strictObject({ token: z.string(), expiresAt: timestampSchema });
/** The hash of the token's secret, in hex: it names the token, and opens nothing. */
export const joinTokenIdSchema = z.string().regex(/^[0-9a-f]{64}$/, "must be the tokenId of a join token");
export const joinTokenPathSchema = z.strictObject({ clusterId: clusterIdSchema, tokenId: joinTokenIdSchema });
export const joinTokenListSchema = z.strictObject({
  tokens: z.array(
    z.strictObject({
      tokenId: joinTokenIdSchema,
      role: z.enum(["node", "witness"]),
      /** `claimed`: a node has it, and waits to be let in. */
      state: z.enum(["unused", "claimed"]),
      expiresAt: timestampSchema,
    }),
  ),
});

/**
 * `POST /v1/enrol`, the one route without a sign-in: the token's secret is the proof. Idempotent for the same token and certificate: a lost
 * answer is read again by repeating the request. A refusal (`licence-limit`, `name-taken`, ...) leaves the token usable.
 */
export const enrolSchema = z.strictObject({
  tokenSecret: z.string().min(20).max(200),
  /** The node that it is already, with a token that was made for it. */
  nodeId: nodeIdSchema.exactOptional(),
  name: displayNameSchema,
  host: hostSchema,
  paths: lanPathsSchema.exactOptional(),
  heartbeatPort: z.int().min(1).max(65_535),
  replicationPort: z.int().min(1).max(65_535),
  /** Of its network interfaces: a licence may name them. */
  hardwareAddresses: z.array(hardwareAddressSchema).max(limits.hardwareAddressesPerNodeMax).exactOptional(),
  /** The node's self-signed certificate; its key never leaves the node. */
  certificatePem: z.string().max(8_192),
  /** base64url signature (ECDSA P-256, SHA-256, IEEE P1363) by that key over the UTF-8 of `understudy-enrol:<tokenSecret>`: shows that the node holds it. */
  proof: z.string().max(200),
});
export const enrolledSchema = z.strictObject({
  nodeId: nodeIdSchema,
  clusterId: clusterIdSchema,
  /** Compact JWS of the cluster document that now names this node. */
  document: z.string(),
  /** Public keys (JWK set) that sign cluster documents and licences. */
  signingKeys: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())).max(10) }),
  cloud: z.strictObject({
    /** `mqtts://host:port` */
    mqttUrl: z.string(),
    /** Roots to trust for the MQTT endpoint, PEM; absent where public roots do. */
    caPem: z.string().exactOptional(),
  }),
});
/** What the proof of an enrolment signs. */
export function enrolmentProofText(tokenSecret: string): string {
  return `understudy-enrol:${tokenSecret}`;
}
export type EnrolRequest = z.infer<typeof enrolSchema>;
export type EnrolResponse = z.infer<typeof enrolledSchema>;

export const eventQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.eventsPerPageMax).default(50),
  /** The `next` of the page before. */
  from: z.string().max(300).exactOptional(),
});
export const eventPageSchema = z.strictObject({ events: z.array(clusterEventSchema), next: z.string().exactOptional() });

export const nodePresenceSchema = z.strictObject({
  nodeId: nodeIdSchema,
  connected: z.boolean(),
  /** When the node was last known to be connected: now, while it is. */
  lastSeen: timestampSchema,
});

export const clusterStateSchema = z.strictObject({
  document: clusterDocumentSchema,
  /** Newest report of each node that has sent one. */
  reports: z.array(nodeReportSchema),
  /** What the cloud itself knows of each node's connection to it; a node that never connected is missing. */
  presence: z.array(nodePresenceSchema),
});

export const putDataSetSchema = dataSetContentSchema;
export const dataSetPathSchema = z.strictObject({ clusterId: clusterIdSchema, dataSet: slugSchema });

export const groupPathSchema = z.strictObject({ clusterId: clusterIdSchema, group: groupNameSchema });
