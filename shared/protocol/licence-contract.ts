import { z } from "zod";
import { limits } from "../config/limits.ts";
import type { DeviceCounts, deviceClasses } from "../domain/licensing/device-counts.ts";
import { entitlementNames } from "../domain/licensing/licence.ts";
import { hardwareAddressSchema } from "./hardware-address.ts";
import { clusterIdSchema, nodeIdSchema, timestampSchema } from "./id-schemas.ts";
import { licenceGrantShape, licenceIdSchema, licensedMemberSchema } from "./licence-schema.ts";

/** Bodies of the HTTP API that are about licences. */

export const issueLicenceSchema = z.strictObject({
  ...licenceGrantShape,
  /** Absent: from now on. */
  validFrom: timestampSchema.exactOptional(),
  validUntil: timestampSchema,
  graceDays: z.int().min(0).max(365).default(30),
});
export type IssueLicenceRequest = z.infer<typeof issueLicenceSchema>;

const entitlement = z.enum(entitlementNames);

export const licenceSchema = z.strictObject({
  licenceId: z.string(),
  nodes: z.int().min(1),
  users: z.int().min(0),
  entitlements: z.array(entitlement),
  members: z.array(licensedMemberSchema),
  trial: z.boolean(),
  partNumber: z.string().nullable(),
  validFrom: timestampSchema,
  validUntil: timestampSchema,
  graceDays: z.int().min(0),
  /** `set-aside`: a trial of a cluster that has a licence proper. */
  standing: z.enum(["not-yet-valid", "valid", "grace", "lapsed", "set-aside"]),
  /** Compact JWS: the file for an air-gapped site. */
  signed: z.string(),
});
export const licenceListSchema = z.strictObject({ licences: z.array(licenceSchema) });

/** The file's content: whoever has it can install it, and nobody can change it. */
export const importLicenceSchema = z.strictObject({ signed: z.string().min(20).max(limits.licenceBytesMax) });

export const licencePathSchema = z.strictObject({ clusterId: clusterIdSchema, licenceId: licenceIdSchema });

const count = z.int().min(0).max(limits.devicesPerClassMax);
/** How many users and devices of each class the cluster serves. */
export const deviceCountsSchema = z.strictObject({
  ipStations: count,
  sipStations: count,
  softClients: count,
  amplifierChannels: count,
  ioModules: count,
} satisfies Record<keyof typeof deviceClasses, z.ZodType>) satisfies z.ZodType<DeviceCounts>;

export const putPrimarySchema = z.strictObject({ nodeId: nodeIdSchema });

export const licenceStandingSchema = z.strictObject({
  state: z.enum(["none", "valid", "grace", "lapsed"]),
  trial: z.boolean(),
  since: timestampSchema.nullable(),
  /** What it becomes where nothing is done. */
  next: z.strictObject({ state: z.enum(["none", "valid", "grace", "lapsed"]), at: timestampSchema }).nullable(),
  /** Whether a trial can still be started. */
  trialAvailable: z.boolean(),
  nodes: z.strictObject({ used: z.int(), licensed: z.int() }),
  users: z.strictObject({ required: z.int(), licensed: z.int(), declared: deviceCountsSchema }),
  usage: z.enum(["within", "near", "over"]),
  members: z.array(
    z.strictObject({
      nodeId: nodeIdSchema,
      name: z.string(),
      role: z.enum(["primary", "secondary"]),
      /** The licence that fixes the role; null: a setting does. */
      roleFixedBy: z.string().nullable(),
      hardwareAddresses: z.array(hardwareAddressSchema),
      entitlements: z.array(entitlement),
    }),
  ),
  /** In words: what goes on, what is refused. */
  consequences: z.array(z.string()),
});
export type LicenceStandingBody = z.infer<typeof licenceStandingSchema>;

/** Of a change of licences or devices that is not made: how the cluster would stand, and in words what would follow. */
export const licencePreviewSchema = z.strictObject({ standing: licenceStandingSchema, consequences: z.array(z.string()) });
export type LicencePreviewBody = z.infer<typeof licencePreviewSchema>;
