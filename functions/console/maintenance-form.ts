import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import { newMaintenanceSchema } from "../../shared/protocol/alert-contract.ts";
import type { NewMaintenance } from "../use-cases/maintenance.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { checked } from "./form-fields.ts";

const spanSchema = z.object({
  hours: z.coerce.number().pipe(
    z
      .int()
      .min(1)
      .max(24 * limits.maintenanceDaysMax),
  ),
});

/** What pages/maintenance-fields.ts asks for. `from`: as a browser's field gives it, read as UTC; empty: now. `clusterId` empty: all clusters. */
export function maintenanceIn(fields: Readonly<Record<string, string>>, nowMs: number): NewMaintenance {
  const { hours } = checked(spanSchema, fields);
  const from = fields["from"] ?? "";
  const startsMs = from === "" ? nowMs : Date.parse(`${from}Z`);
  if (Number.isNaN(startsMs)) throw new Refusal("invalid-request", "the beginning is no date and time", "Go back and correct it.");
  const clusterId = fields["clusterId"] ?? "";
  return checked(newMaintenanceSchema, {
    ...(clusterId === "" ? {} : { clusterId }),
    startsAt: new Date(startsMs).toISOString(),
    endsAt: new Date(startsMs + hours * 3_600_000).toISOString(),
    reason: fields["reason"]?.trim(),
  });
}
