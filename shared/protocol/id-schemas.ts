import { z } from "zod";
import { limits } from "../config/limits.ts";
import type { ClusterId, CustomerId, EventId, GroupName, NodeId, OriginId, PathName } from "../domain/ids.ts";

/** The one place where a checked string becomes an id: a cast, not a transform, so that OpenAPI can still describe the schema. */
function branded<Id extends string>(schema: z.ZodString): z.ZodType<Id, string> {
  return schema as unknown as z.ZodType<Id, string>;
}

/** Ids that the control plane makes: a prefix that tells the kind, and 20 letters and digits. */
function idSchema<Id extends string>(prefix: string): z.ZodType<Id, string> {
  return branded<Id>(
    z.string().regex(new RegExp(`^${prefix}_[0-9a-z]{20}$`), `must look like ${prefix}_ and 20 lower-case letters or digits`),
  );
}

export const customerIdSchema = idSchema<CustomerId>("cust");
export const clusterIdSchema = idSchema<ClusterId>("clus");
export const nodeIdSchema = idSchema<NodeId>("node");

/** Names that people give: no control characters, so that no log, mail header or terminal can be fooled by one. */
export const displayNameSchema = z
  .string()
  .min(1)
  .max(limits.nameLengthMax)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._&'()/-]*$/u,
    "must start with a letter or digit and hold only letters, digits, spaces and . _ & ' ( ) / -",
  );

/** Names that machines use too: groups, services, data sets. */
export const slugSchema = z
  .string()
  .min(1)
  .max(limits.nameLengthMax)
  .regex(/^[a-z0-9][a-z0-9-]*$/, "must hold only lower-case letters, digits and hyphens");

/** Never `main`: so is called the one by a node's first address. */
export const pathNameSchema = branded<PathName>(slugSchema);
export const groupNameSchema = branded<GroupName>(slugSchema);
export const eventIdSchema = branded<EventId>(
  z
    .string()
    .min(1)
    .max(200)
    .regex(/^[\w./:-]+$/),
);
export const originIdSchema = branded<OriginId>(
  z.string().regex(/^node_[0-9a-z]{20}:[0-9]{1,13}$/, "must be a node id, a colon and an incarnation"),
);
export const sha256HexSchema = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex");
/** An IP address or a host name; never something that a shell or a URL parser could read otherwise. */
export const hostSchema = z.union([z.ipv4(), z.ipv6(), z.hostname().max(253)], "must be an IP address or a host name");

/** A name in DNS, without a dot at the end; short enough for another label before it. */
export const domainNameSchema = z
  .string()
  .max(230)
  .regex(
    /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/,
    "must be a domain name in lower case, without a dot at its end",
  );

export const portSchema = z.int().min(1).max(65_535);
export const timestampSchema = z.iso.datetime();
