import { z } from "zod";
import { limits } from "../config/limits.ts";
import { domainNameSchema, groupNameSchema, nodeIdSchema } from "./id-schemas.ts";

const reason = z.string().max(1_000);
const ms = z.number().min(0);
const group = groupNameSchema;
const record = z.string().max(300);
const said = z
  .array(z.strictObject({ node: nodeIdSchema, answer: z.string().max(300) }))
  .max(limits.nodesPerClusterMax)
  .readonly();

/** The shapes of domain/monitoring/dns-event.ts. */
export const dnsEventSchemas = [
  z.strictObject({
    kind: z.literal("dns.updated"),
    group,
    epoch: z.int().min(0),
    record,
    server: z.string().max(300),
    address: z.string().max(64),
    durationMs: ms,
  }),
  z.strictObject({ kind: z.literal("dns.update_failed"), group, record, server: z.string().max(300).nullable(), reason }),
  z.strictObject({ kind: z.literal("dns.divergence"), group, record, forMs: ms, said }),
  z.strictObject({ kind: z.literal("dns.agreement"), group, record, divergedMs: ms }),
  z.strictObject({ kind: z.literal("dns.delegation_stale"), zone: domainNameSchema, reason }),
  z.strictObject({ kind: z.literal("dns.delegation_current"), zone: domainNameSchema, staleMs: ms }),
] as const;
