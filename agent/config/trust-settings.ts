import { z } from "zod";
import { parseSubnetAddress } from "../../shared/domain/membership/ip-address.ts";
import { hostSchema } from "../../shared/protocol/id-schemas.ts";

const networksMax = 32;

const networkOrName = z
  .string()
  .refine(
    (text) => parseSubnetAddress(text) !== null || hostSchema.safeParse(text).success,
    "must be a network, as 203.0.113.0/24, or the name of a host",
  );

/** What this node believes of a signed cluster document without anybody here saying so. */
export const trustSettingsSchema = z.strictObject({
  networks: z
    .array(networkOrName)
    .max(networksMax)
    .default([])
    .describe(
      "Where nodes of this cluster may be beside private networks and those of this server's own interfaces: networks (`203.0.113.0/24`) and names of hosts. A document that puts one elsewhere waits for `understudy agent trust accept`.",
    ),
  addresses: z
    .array(
      z
        .string()
        .refine((text) => parseSubnetAddress(text) !== null, "must be a network, as 192.0.2.0/28, or 192.0.2.10/32 for one address"),
    )
    .max(networksMax)
    .optional()
    .describe(
      "Where the cluster may be found by its clients: networks of virtual addresses and of the addresses in DNS records (`192.0.2.10/32` for one address). A document that leads them elsewhere waits for `understudy agent trust accept`. Left out: anywhere, as far as interfaces and DNS keys allow.",
    ),
  changes: z
    .enum(["accept", "ask"])
    .default("accept")
    .describe(
      "`ask`: every newer cluster document waits until somebody on this server has said `understudy agent trust accept`. On every node, then, before a change counts.",
    ),
});

export type TrustSettings = z.infer<typeof trustSettingsSchema>;
