import { z } from "zod";
import { clusterSettings } from "../config/cluster-settings.ts";
import { limits } from "../config/limits.ts";
import type { EventKind } from "../domain/monitoring/cluster-event.ts";
import { severityOf } from "../domain/monitoring/cluster-event.ts";
import type { Trigger, TriggerAction, TriggerSource } from "../domain/triggers/trigger.ts";
import { boundedInt } from "./bounded-int.ts";
import { cronSchema, zoneSchema } from "./cron-schema.ts";
import { groupNameSchema, portSchema, sha256HexSchema, slugSchema, timestampSchema } from "./id-schemas.ts";

const line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]*$/u, "must not hold control characters");
const text = z.string().min(1).max(limits.triggerTextCharactersMax);

export const scheduleSchema = z.strictObject({ kind: z.literal("schedule"), cron: cronSchema, zone: zoneSchema });
const eventKinds = Object.keys(severityOf) as [EventKind, ...EventKind[]];
export const eventSchema = z.strictObject({
  kind: z.literal("event"),
  events: z.array(z.enum(eventKinds)).min(1).max(limits.triggerEventsMax),
});

const webhookSourceSchema = z.strictObject({ kind: z.literal("webhook"), tokenSha256: sha256HexSchema.exactOptional() });

const triggerSourceSchema = z.discriminatedUnion("kind", [
  scheduleSchema,
  webhookSourceSchema,
  eventSchema,
]) satisfies z.ZodType<TriggerSource>;

/** As it is declared: the token of a webhook is made by the control plane. */
export const declaredSourceSchema = z.discriminatedUnion("kind", [
  scheduleSchema,
  z.strictObject({ kind: z.literal("webhook") }),
  eventSchema,
]);

const multicastAddress = z
  .ipv4()
  .refine((address) => /^2(2[4-9]|3\d)\./.test(address), "must be an IPv4 multicast address, 224.0.0.0 to 239.255.255.255");

const named = { name: slugSchema };
const triggerActionSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("webhook"),
    ...named,
    url: z
      .url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" })
      .max(2_048)
      .refine((url) => !/^https?:\/\/[^/]*@/.test(url), "must hold no user name and no password"),
  }),
  z.strictObject({ kind: z.literal("sns"), ...named, text: text.max(limits.triggerSnsCharactersMax) }),
  z.strictObject({
    kind: z.literal("email"),
    ...named,
    to: z.array(z.email().max(254)).min(1).max(limits.triggerRecipientsMax),
    subject: line,
    text,
  }),
  z.strictObject({
    kind: z.literal("udp-multicast"),
    ...named,
    address: multicastAddress,
    port: portSchema,
    ttl: boundedInt(clusterSettings.multicastTtl),
    // One packet that no network cuts in pieces.
    text: text.max(limits.triggerDatagramCharactersMax),
  }),
  z.strictObject({ kind: z.literal("command"), ...named, command: slugSchema }),
]) satisfies z.ZodType<TriggerAction>;

const actions = z.array(triggerActionSchema).min(1).max(limits.actionsPerTriggerMax);
const lateShape = {
  withinSeconds: boundedInt(clusterSettings.lateWithinSeconds),
  atMost: boundedInt(clusterSettings.lateAtMost),
};
const keptDays = boundedInt(clusterSettings.keptDays);

export const triggerSchema = z.strictObject({
  name: slugSchema,
  group: groupNameSchema,
  log: slugSchema,
  since: timestampSchema,
  source: triggerSourceSchema,
  actions,
  late: z.strictObject(lateShape),
  keptDays,
}) satisfies z.ZodType<Trigger>;

export const triggersSchema = z.array(triggerSchema).max(limits.triggersPerClusterMax);

/** Body of `PUT /v1/clusters/{clusterId}/triggers/{trigger}`. */
export const putTriggerSchema = z.strictObject({
  group: groupNameSchema.default("default" as z.infer<typeof groupNameSchema>),
  source: declaredSourceSchema,
  actions,
  late: z
    .strictObject({
      withinSeconds: lateShape.withinSeconds.default(clusterSettings.lateWithinSeconds.byDefault),
      atMost: lateShape.atMost.default(clusterSettings.lateAtMost.byDefault),
    })
    .prefault({}),
  keptDays: keptDays.default(clusterSettings.keptDays.byDefault),
});
