import { dirname } from "node:path";
import { z } from "zod";
import { enrolledSchema } from "../../shared/protocol/api-contract.ts";
import { displayNameSchema } from "../../shared/protocol/id-schemas.ts";
import { AgentError } from "../agent-error.ts";
import { readIfPresent, writeDurably } from "../storage/durable-file.ts";
import { parseJson } from "../storage/parse-json.ts";

/** What a node knows of itself since it was enrolled. The cluster document lies beside it, in a file of its own. */
const enrolledNodeSchema = z.strictObject({
  schema: z.literal(1),
  ...enrolledSchema.omit({ document: true }).shape,
  name: displayNameSchema,
  apiUrl: z.string(),
});
export type EnrolledNode = z.infer<typeof enrolledNodeSchema>;

/** Null where the node is not enrolled yet. */
export async function readEnrolledNode(path: string): Promise<EnrolledNode | null> {
  const text = await readIfPresent(path);
  if (text === null) return null;
  const parsed = enrolledNodeSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const nextStep = "Put the file back from a backup, or remove the node in the console, empty its data directory and join it again.";
  throw new AgentError("data-dir-unusable", `The file ${path} is damaged: ${z.prettifyError(parsed.error)}`, nextStep);
}

/** Throws `AgentError` ("not-enrolled") where the node is not enrolled yet. */
export async function requireEnrolledNode(path: string): Promise<EnrolledNode> {
  const enrolled = await readEnrolledNode(path);
  if (enrolled !== null) return enrolled;
  const nextStep = "Create a join token for its cluster in the console, then run: understudy agent join --token TOKEN --config FILE";
  throw new AgentError("not-enrolled", `This server is not a node of any cluster yet (${dirname(path)} holds no identity).`, nextStep);
}

/** The last write of an enrolment: with this file on disk the node is enrolled, without it it is not. */
export async function writeEnrolledNode(path: string, node: EnrolledNode): Promise<void> {
  await writeDurably(path, `${JSON.stringify(node, null, 2)}\n`);
}
