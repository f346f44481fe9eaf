import type { EmbeddedCloud } from "./embedded-cloud.ts";

/** What a person reads when the control plane is up. The login itself stays in its file: terminals are recorded and shared. */
export function readyText({ addresses }: EmbeddedCloud): string {
  return [
    `Control plane ready.`,
    `  Console      ${addresses.console}`,
    `  First login  ${addresses.firstLogin}`,
    `  API          ${addresses.api}/v1/openapi.json`,
    `  Agents       ${addresses.agentApi}, ${addresses.mqtt}`,
    `  Alerts       ${addresses.sns}, ${addresses.snsTls}`,
    `Ctrl-C ends it; its data stay.`,
    "",
  ].join("\n");
}
