import type { Seen, TimeSource } from "../../shared/domain/preflight/preflight-facts.ts";
import { runProgram } from "../resources/system-program.ts";

const programMs = 3_000;

/** chrony says by itself how it stands; of whatever else there is systemd knows what the kernel says. */
export async function lookAtTimeSource(): Promise<Seen<TimeSource>> {
  const chrony = await runProgram(["chronyc", "-n", "-c", "tracking"], programMs);
  if (chrony.ok) return { value: chronyStanding(chrony.output) };
  const systemd = await runProgram(["timedatectl", "show", "--property=NTP", "--property=NTPSynchronized"], programMs);
  if (systemd.ok) return { value: systemdStanding(systemd.output) };
  const why = chrony.missing ? "" : `; chrony: ${chrony.reason}`;
  return { problem: `nothing was found that keeps the clock: ${systemd.reason}${why}` };
}

/** `chronyc -c tracking`: reference id, its address, stratum, time, offset from it in seconds, ..., and last the leap status (chronyc(1)). */
export function chronyStanding(output: string): TimeSource {
  const fields = output.trim().split(",");
  const [, address = "", , , offset = ""] = fields;
  const offsetMs = Math.abs(Number(offset)) * 1_000;
  const isSynchronised = fields.length > 5 && fields.at(-1) !== "Not synchronised";
  const detail = isSynchronised && Number.isFinite(offsetMs) ? `by ${address}, ${offsetMs.toFixed(3)} ms off` : "";
  return { program: "chrony", isSynchronised, detail };
}

/** `NTP`: systemd's own service is on. `NTPSynchronized`: the kernel's clock is kept by somebody. */
export function systemdStanding(output: string): TimeSource {
  const isSynchronised = /^NTPSynchronized=yes$/m.test(output);
  const isOn = /^NTP=yes$/m.test(output);
  return { program: isOn ? "systemd's time service" : "as timedatectl says", isSynchronised, detail: "" };
}
