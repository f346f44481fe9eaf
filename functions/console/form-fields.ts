import type { Context } from "hono";
import type { z } from "zod";
import { Refusal } from "../use-cases/refusal.ts";

/** The text fields of a form. Files and repeated fields are none of ours. */
export async function fieldsOf(c: Context): Promise<Readonly<Record<string, string>>> {
  const body = await c.req.parseBody();
  return Object.fromEntries(Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** "crm, voicemail" as a list. */
export function namesIn(field: string | undefined): readonly string[] {
  return (field ?? "").split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
}

/** Every problem at once, with the field that has it. */
export function problemsOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.length === 0 ? "The name" : issue.path.join(" ")}: ${issue.message}.`).join(" ");
}

/** The value as the schema has it, or a refusal with every problem. */
export function checked<Shape extends z.ZodType>(schema: Shape, value: unknown): z.infer<Shape> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Refusal("invalid-request", problemsOf(parsed.error), "Go back and correct it.");
}
