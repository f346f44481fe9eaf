import { z } from "zod";
import { clusterSettings } from "../config/cluster-settings.ts";
import { limits } from "../config/limits.ts";
import { boundedInt } from "./bounded-int.ts";
import { domainNameSchema, hostSchema, nodeIdSchema, portSchema, slugSchema } from "./id-schemas.ts";

const balancerAnswerSchema = z.strictObject({
  kind: z.literal("balancer-answer"),
  name: slugSchema,
  mode: z.enum(["http", "tcp"]),
  listenPort: portSchema,
  servicePort: portSchema,
});

const dnsServersSchema = z
  .array(z.strictObject({ host: hostSchema, port: portSchema }))
  .min(1)
  .max(limits.dnsServersPerRecordMax);
const addressesSchema = z.record(nodeIdSchema, z.union([z.ipv4(), z.ipv6()])).optional();

const dnsAnswerSchema = z.strictObject({
  kind: z.literal("dns-answer"),
  name: slugSchema,
  zone: domainNameSchema,
  domainName: domainNameSchema,
  type: z.enum(["A", "AAAA"]),
  ttlSeconds: boundedInt(clusterSettings.dnsAnswerTtl),
  parentServers: dnsServersSchema,
  addresses: addressesSchema,
  nameServers: addressesSchema,
});

const dnsRecordSchema = z.strictObject({
  kind: z.literal("dns-record"),
  name: slugSchema,
  zone: domainNameSchema,
  domainName: domainNameSchema,
  type: z.enum(["A", "AAAA"]),
  ttlSeconds: boundedInt(clusterSettings.dnsRecordTtl),
  servers: dnsServersSchema,
  tsigKey: domainNameSchema,
  addresses: addressesSchema,
});

const sipAnswerSchema = z.strictObject({ kind: z.literal("sip-answer"), name: slugSchema });

/** The shapes of domain/membership/answer-resources.ts. */
export const answerResourceSchemas = [balancerAnswerSchema, dnsAnswerSchema, dnsRecordSchema, sipAnswerSchema] as const;
