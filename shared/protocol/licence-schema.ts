import { z } from "zod";
import { limits } from "../config/limits.ts";
import { entitlementNames, type Licence } from "../domain/licensing/licence.ts";
import { hardwareAddressSchema } from "./hardware-address.ts";
import { clusterIdSchema, customerIdSchema, timestampSchema } from "./id-schemas.ts";

export const licenceIdSchema = z.string().regex(/^lic_[0-9a-z]{20}$/, "must look like lic_ and 20 lower-case letters or digits");

const entitlementsSchema = z.array(z.enum(entitlementNames)).max(entitlementNames.length);

export const licensedMemberSchema = z.strictObject({
  hardwareAddress: hardwareAddressSchema,
  role: z.enum(["primary", "secondary"]),
  entitlements: entitlementsSchema.exactOptional(),
});

/** What a licence grants: in the signed payload as in the request for one. */
export const licenceGrantShape = {
  nodes: z.int().min(1).max(limits.nodesPerClusterMax),
  users: z.int().min(0).max(limits.licenceUsersMax).exactOptional(),
  entitlements: entitlementsSchema.exactOptional(),
  members: z.array(licensedMemberSchema).max(limits.licenceMembersMax).exactOptional(),
  partNumber: z
    .string()
    .regex(/^[\w.-]{1,40}$/, "must be up to 40 letters, digits and . _ -")
    .exactOptional(),
};

/** The payload of a signed licence. */
export const licencePayloadSchema = z.strictObject({
  schema: z.literal(1),
  licenceId: licenceIdSchema,
  customerId: customerIdSchema,
  clusterId: clusterIdSchema,
  ...licenceGrantShape,
  trial: z.literal(true).exactOptional(),
  validFrom: timestampSchema,
  validUntil: timestampSchema,
  graceDays: z.int().min(0).max(365),
}) satisfies z.ZodType<Licence>;
