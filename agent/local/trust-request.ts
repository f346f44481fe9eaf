import { z } from "zod";
import type { MemberMemory } from "../cloud/document-guard.ts";
import type { HeldDocument } from "../cloud/trust-store.ts";

export const trustRequestSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("show") }),
  z.strictObject({ kind: z.literal("accept"), version: z.int().positive() }),
]);
export type TrustRequest = z.infer<typeof trustRequestSchema>;

/** What this node goes by, and what waits for somebody's word. */
export interface TrustAnswer {
  readonly version: number;
  readonly changes: "accept" | "ask";
  readonly memory: MemberMemory;
  readonly held: HeldDocument | null;
}
