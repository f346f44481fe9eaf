import { z } from "zod";
import { portSchema, slugSchema } from "./id-schemas.ts";

const balancerAnswerSchema = z.strictObject({
  kind: z.literal("balancer-answer"),
  name: slugSchema,
  mode: z.enum(["http", "tcp"]),
  listenPort: portSchema,
  servicePort: portSchema,
});

/** The shapes of domain/membership/answer-resources.ts. */
export const answerResourceSchemas = [balancerAnswerSchema] as const;
