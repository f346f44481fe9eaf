import { z } from "zod";
import { hostSchema, portSchema } from "../../shared/protocol/id-schemas.ts";
import { absolutePath, argv, milliseconds } from "./setting-kinds.ts";

/** How often something is looked at, and for how long. */
export const looks = {
  intervalMs: milliseconds({ min: 100, max: 600_000, byDefault: 2_000 }).describe("Pause between two looks."),
  retryIntervalMs: milliseconds({ min: 100, max: 600_000, byDefault: 1_000 }).describe(
    "Pause between two looks after one that found something wrong, and until the check is well again.",
  ),
  timeoutMs: milliseconds({ min: 100, max: 60_000, byDefault: 2_000 }).describe("A look that takes longer is ended, and counts as bad."),
} as const;

/** What every kind of check has. */
const pace = {
  when: z
    .enum(["operational", "always"])
    .default("operational")
    .describe(
      "When it is looked at: while this node runs the group (a standby's service does not run, so most checks can be judged nowhere else), or always.",
    ),
  ...looks,
  fall: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe("So many bad looks in a row, and the check has failed: the group moves, where another node is fit for it."),
  rise: z.int().min(1).max(100).default(2).describe("So many good looks in a row, and a failed check is well again."),
  retryAfterMs: milliseconds({ min: 1_000, max: 86_400_000, byDefault: 60_000 }).describe(
    "With `when: operational`: a node that gave the group away because of the check counts as unfit for so long, and twice as long each time that it fails again soon (up to an hour).",
  ),
} as const;

const httpUrl = z
  .url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" })
  .max(2_048)
  .refine((url) => !/^https?:\/\/[^/]*@/.test(url), "must hold no user name and no password");

/** What an answer over HTTP must be like. */
export const httpExpectations = {
  expectStatus: z.array(z.int().min(100).max(599)).min(1).max(20).default([200]).describe("`kind: http`: the statuses that count as well."),
  bodyIncludes: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .describe("`kind: http`: text that must stand in the first 64 KiB of the answer. Without it the answer's body is not read."),
  caFile: absolutePath.optional().describe("`kind: http`: PEM file of the only certificates to trust. Default: the public ones."),
  serverName: hostSchema
    .optional()
    .describe("`kind: http`: name to ask for, and to expect in the certificate, where the URL has an address. Default: the URL's host."),
} as const;

export const httpCheckSchema = z.strictObject({
  kind: z.literal("http"),
  ...pace,
  url: httpUrl.describe("`kind: http`: what is asked for. Redirects are not followed: their status is what counts."),
  method: z.enum(["GET", "HEAD"]).default("GET").describe("`kind: http`: how it is asked for."),
  ...httpExpectations,
});

export const tcpCheckSchema = z.strictObject({
  kind: z.literal("tcp"),
  ...pace,
  host: hostSchema.describe("`kind: tcp` and `kind: sip`: name or address to connect to."),
  port: portSchema.describe("`kind: tcp`: the port."),
});

export const sipCheckSchema = z.strictObject({
  kind: z.literal("sip"),
  ...pace,
  host: hostSchema.describe("`kind: tcp` and `kind: sip`: name or address to connect to."),
  port: portSchema.default(5_060).describe("`kind: sip`: the UDP port."),
});

export const commandCheckSchema = z.strictObject({
  kind: z.literal("command"),
  ...pace,
  command: argv.describe(
    "`kind: command`: argv that ends with 0 while all is well, never read by a shell. What it leaves running is ended.",
  ),
  workingDirectory: absolutePath.optional().describe("`kind: command`: directory in which it runs. Default: the data directory."),
});

export const checkSettingsSchema = z.discriminatedUnion("kind", [httpCheckSchema, tcpCheckSchema, commandCheckSchema, sipCheckSchema]);

export type HttpCheckSettings = z.infer<typeof httpCheckSchema>;
export type TcpCheckSettings = z.infer<typeof tcpCheckSchema>;
export type SipCheckSettings = z.infer<typeof sipCheckSchema>;
export type CommandCheckSettings = z.infer<typeof commandCheckSchema>;
export type CheckSettings = z.infer<typeof checkSettingsSchema>;
