import { type CheckSettings, checkSettingsSchema } from "../../../agent/config/check-settings.ts";

/** Settings of one kind, with the schema's own defaults for what is left out. */
export function settingsOf<Kind extends CheckSettings["kind"]>(kind: Kind, some: object): Extract<CheckSettings, { kind: Kind }> {
  return checkSettingsSchema.parse({ kind, ...some }) as Extract<CheckSettings, { kind: Kind }>;
}

/** Aborted after a time that no test waits for, unless it is told another one. */
export function within(ms = 5_000): AbortSignal {
  return AbortSignal.timeout(ms);
}
