import { z } from "zod";
import type { AddressResource, Resource, ServiceResource } from "../domain/membership/resource.ts";
import { answerResourceSchemas } from "./answer-resource-schemas.ts";
import { slugSchema } from "./id-schemas.ts";

const serviceResourceSchema = z.strictObject({ kind: z.literal("service"), name: slugSchema }) satisfies z.ZodType<ServiceResource>;

const addressResourceSchema = z.strictObject({
  kind: z.literal("address"),
  name: slugSchema,
  address: z.union([z.cidrv4(), z.cidrv6()], { error: "must be an address with its prefix length, as 192.0.2.10/24 or 2001:db8::10/64" }),
}) satisfies z.ZodType<AddressResource>;

/** What a group may hold, told apart by `kind`. */
export const resourceSchema = z.discriminatedUnion("kind", [
  serviceResourceSchema,
  addressResourceSchema,
  ...answerResourceSchemas,
]) satisfies z.ZodType<Resource>;
