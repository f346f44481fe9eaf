import { Cron } from "croner";
import { z } from "zod";

/** The fields of cron, by the library that the agents go by: five, or six with the seconds first. No names as `@daily`, no years. */
export const cronSchema = z
  .string()
  .max(200)
  .superRefine((text, context) => {
    const problem = cronProblem(text);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });

function cronProblem(text: string): string | null {
  const fields = text.trim().split(/\s+/).length;
  if (fields !== 5 && fields !== 6) return "must have five fields (minute hour day month weekday), or six with the seconds first";
  try {
    return new Cron(text, { paused: true }).getPattern() === undefined ? "is no schedule" : null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `is no schedule: ${reason.replace(/^CronPattern: /, "")}`;
  }
}

/** The IANA name of a time zone that this program knows. */
export const zoneSchema = z
  .string()
  .min(1)
  .max(64)
  .refine((zone) => /^[A-Za-z][\w+/-]*$/.test(zone) && isZone(zone), "must be the IANA name of a time zone, as Europe/Berlin or UTC");

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
