import { z } from "zod";
import { limits } from "../config/limits.ts";
import type { TakeoverCourse } from "../domain/monitoring/takeover-course.ts";
import { nodeIdSchema, pathNameSchema } from "./id-schemas.ts";

const beforeMs = z.number().min(0);
const heardBeforeMs = beforeMs.nullable();

export const takeoverCourseSchema = z.strictObject({
  heardBeforeMs,
  silentBeforeMs: beforeMs.nullable(),
  paths: z
    .array(z.strictObject({ path: pathNameSchema, heardBeforeMs }))
    .max(limits.pathsPerNodeMax)
    .readonly(),
  heardByOthers: z
    .array(z.strictObject({ node: nodeIdSchema, heardBeforeMs }))
    .max(limits.nodesPerClusterMax)
    .readonly(),
  freeBeforeMs: beforeMs,
  askedBeforeMs: beforeMs,
  addressesQuietForMs: z.number().min(0).nullable(),
  addresses: z
    .array(
      z.strictObject({
        address: z.string().max(64),
        probedBeforeMs: beforeMs,
        probeEndedBeforeMs: beforeMs,
        answeredBy: z.string().max(64).nullable(),
        upBeforeMs: beforeMs,
        sighting: z.strictObject({ answeredBeforeMs: beforeMs, unansweredBeforeMs: beforeMs }).exactOptional(),
      }),
    )
    .max(limits.resourcesPerGroupMax)
    .readonly(),
}) satisfies z.ZodType<TakeoverCourse>;
