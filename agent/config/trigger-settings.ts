import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import { hostSchema, portSchema, slugSchema } from "../../shared/protocol/id-schemas.ts";
import { absolutePath, argv, milliseconds } from "./setting-kinds.ts";

const webhooksSchema = z.strictObject({
  port: portSchema.describe("TCP port at which requests set triggers off: `POST /triggers/NAME`. The same on every node."),
  host: hostSchema
    .optional()
    .describe("Address on which it listens. Default: `listen.host`; `0.0.0.0` or `::` for the groups' addresses as well."),
  tls: z
    .union([
      z.strictObject({
        certificateFile: absolutePath.describe("PEM file of the certificate that senders see."),
        keyFile: absolutePath.describe("PEM file of its key. Let only the agent's user read it."),
      }),
      z.literal("off"),
    ])
    .describe(
      "The certificate and key (PEM files `certificateFile` and `keyFile`), or `off`: then tokens go over the network as they are.",
    ),
});

const smtpSchema = z.strictObject({
  host: hostSchema.describe("The mail server."),
  port: portSchema.default(587).describe("Its port."),
  security: z
    .enum(["starttls", "tls", "none"])
    .default("starttls")
    .describe("`starttls` and `tls` refuse to send without encryption; `none` is for a server on this machine."),
  from: z.email().max(254).describe("The sender."),
  user: z.string().min(1).max(254).optional().describe("Who logs in. Left out: nobody does."),
  passwordFile: absolutePath.optional().describe("File with the password. Let only the agent's user read it."),
});

const commandSchema = z.strictObject({
  command: argv.describe(
    "Argv, never read by a shell. It learns from UNDERSTUDY_TRIGGER, UNDERSTUDY_OCCURRENCE, UNDERSTUDY_DUE_AT, UNDERSTUDY_GROUP, UNDERSTUDY_EPOCH and UNDERSTUDY_PAYLOAD what it is about; ending with 0 it has done it.",
  ),
  workingDirectory: absolutePath.optional().describe("Directory in which it runs. Default: the data directory."),
  timeoutMs: milliseconds({ min: 100, max: 600_000, byDefault: 30_000 }).describe(
    "A command that takes longer is killed, and tried again.",
  ),
});

export const triggerSettingsSchema = z.strictObject({
  webhooks: webhooksSchema.optional().describe("Where requests come in that set triggers off. Left out: no port is opened."),
  webhookHosts: z
    .record(
      hostSchema,
      z.strictObject({ caFile: absolutePath.optional().describe("PEM file of the only certificates to trust. Default: the public ones.") }),
    )
    .refine((hosts) => Object.keys(hosts).length <= limits.triggerWebhookHostsMax, `must be at most ${limits.triggerWebhookHostsMax}`)
    .default({})
    .describe("The only hosts to which an action of kind `webhook` may send, by name or address as in its URL."),
  smtp: smtpSchema.optional().describe("By what an action of kind `email` is sent. Left out: none is."),
  commands: z
    .record(slugSchema, commandSchema)
    .default({})
    .describe(
      "What an action of kind `command` runs, by the name that it has in the cluster document. Commands stand only here, so the cloud cannot run code.",
    ),
});

export type TriggerSettings = z.infer<typeof triggerSettingsSchema>;
