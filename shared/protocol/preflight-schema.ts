import { z } from "zod";
import { limits } from "../config/limits.ts";
import type { PreflightResult } from "../domain/preflight/preflight-check.ts";
import {
  type BesideOthers,
  type PreflightReport,
  preflightFindingsMax,
  preflightIdCharactersMax,
  preflightSeenCharactersMax,
  preflightSubjectCharactersMax,
  reachProblemCharactersMax,
  timeSourceCharactersMax,
  timeSourcesMax,
} from "../domain/preflight/preflight-report.ts";
import { nodeIdSchema, pathNameSchema, timestampSchema } from "./id-schemas.ts";

/** Of a check of shared/domain/preflight, or one that a newer agent has. */
export const preflightIdSchema = z
  .string()
  .max(preflightIdCharactersMax)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be the id of a check");

const findingSchema = z.strictObject({
  id: preflightIdSchema,
  outcome: z.enum(["warn", "fail"]),
  subject: z.string().max(preflightSubjectCharactersMax).exactOptional(),
  seen: z.string().max(preflightSeenCharactersMax),
});

/** The other nodes, and the witness. */
const othersMax = limits.nodesPerClusterMax;

/** What of one look the control plane holds beside the others'. */
export const besideOthersSchema = z.strictObject({
  reach: z.strictObject({
    tried: z.array(nodeIdSchema).max(othersMax),
    unreached: z
      .array(
        z.strictObject({
          nodeId: nodeIdSchema,
          path: pathNameSchema,
          port: z.enum(["heartbeat", "replication"]),
          problem: z.string().max(reachProblemCharactersMax),
        }),
      )
      .max(othersMax * limits.pathsPerNodeMax * 2),
  }),
  timeSource: z.strictObject({
    program: z.string().max(timeSourceCharactersMax),
    isSynchronised: z.boolean(),
    sources: z.array(z.string().max(timeSourceCharactersMax)).max(timeSourcesMax),
  }),
}) satisfies z.ZodType<BesideOthers>;

/** In a node's report. */
export const preflightReportSchema = z.strictObject({
  at: timestampSchema,
  ok: z.int().min(0),
  findings: z.array(findingSchema).max(preflightFindingsMax),
  leftOut: z.int().min(0),
  despite: z.array(preflightIdSchema).min(1).max(preflightFindingsMax).exactOptional(),
  beside: besideOthersSchema.exactOptional(),
}) satisfies z.ZodType<PreflightReport>;

/** What every check has come to, at one server or of the nodes beside each other. */
export const preflightResultsSchema = z.array(
  z.strictObject({
    id: preflightIdSchema,
    outcome: z.enum(["ok", "warn", "fail"]),
    subject: z.string().exactOptional(),
    seen: z.string(),
    nextStep: z.string().nullable(),
  }),
) satisfies z.ZodType<readonly PreflightResult[]>;

/** Answer of `GET /v1/clusters/{clusterId}/preflight`. */
export const clusterPreflightSchema = z.strictObject({
  nodes: z.array(
    z.strictObject({
      nodeId: nodeIdSchema,
      name: z.string(),
      /** Null: its agent has not told yet. */
      report: preflightReportSchema.extend({ findings: z.array(findingSchema.extend({ nextStep: z.string() })) }).nullable(),
    }),
  ),
  /** The nodes beside each other. */
  cluster: preflightResultsSchema,
});
