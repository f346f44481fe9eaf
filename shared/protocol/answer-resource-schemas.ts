import { z } from "zod";
import { limits } from "../config/limits.ts";
import { domainNameSchema, hostSchema, nodeIdSchema, portSchema, slugSchema } from "./id-schemas.ts";

const balancerAnswerSchema = z.strictObject({
  kind: z.literal("balancer-answer"),
  name: slugSchema,
  mode: z.enum(["http", "tcp"]),
  listenPort: portSchema,
  servicePort: portSchema,
});

const dnsRecordSchema = z.strictObject({
  kind: z.literal("dns-record"),
  name: slugSchema,
  zone: domainNameSchema,
  domainName: domainNameSchema,
  type: z.enum(["A", "AAAA"]),
  ttlSeconds: z.int().min(1).max(86_400),
  servers: z
    .array(z.strictObject({ host: hostSchema, port: portSchema }))
    .min(1)
    .max(limits.dnsServersPerRecordMax),
  tsigKey: domainNameSchema,
  addresses: z.record(nodeIdSchema, z.union([z.ipv4(), z.ipv6()])).optional(),
});

const sipAnswerSchema = z.strictObject({ kind: z.literal("sip-answer"), name: slugSchema });

/** The shapes of domain/membership/answer-resources.ts. */
export const answerResourceSchemas = [balancerAnswerSchema, dnsRecordSchema, sipAnswerSchema] as const;
