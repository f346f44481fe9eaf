import type { Seen, TimeSource } from "../../shared/domain/preflight/preflight-facts.ts";
import { runProgram } from "../resources/system-program.ts";

const programMs = 3_000;

/** chrony says by itself how it stands; of whatever else there is systemd knows what the kernel says. */
export async function lookAtTimeSource(): Promise<Seen<TimeSource>> {
  const chrony = await runProgram(["chronyc", "-n", "-c", "tracking"], programMs);
  if (chrony.ok) {
    const sources = await runProgram(["chronyc", "-n", "-c", "sources"], programMs);
    return { value: chronyStanding(chrony.output, sources.ok ? sources.output : "") };
  }
  const systemd = await runProgram(["timedatectl", "show", "--property=NTP", "--property=NTPSynchronized"], programMs);
  if (systemd.ok) {
    // Only where that is systemd's own service does it know the server.
    const server = await runProgram(["timedatectl", "show-timesync", "--property=ServerName", "--property=ServerAddress"], programMs);
    return { value: systemdStanding(systemd.output, server.ok ? server.output : "") };
  }
  const why = chrony.missing ? "" : `; chrony: ${chrony.reason}`;
  return { problem: `nothing was found that keeps the clock: ${systemd.reason}${why}` };
}

/**
 * `chronyc -c tracking`: reference id, its address, stratum, time, offset from it in seconds, ..., and last the leap status; `chronyc -c sources`, a line each: mode, state,
 * address, ... (chronyc(1)).
 */
export function chronyStanding(tracking: string, sources: string): TimeSource {
  const fields = tracking.trim().split(",");
  const [, address = "", , , offset = ""] = fields;
  const offsetMs = Math.abs(Number(offset)) * 1_000;
  const isSynchronised = fields.length > 5 && fields.at(-1) !== "Not synchronised";
  const detail = isSynchronised && Number.isFinite(offsetMs) ? `by ${address}, ${offsetMs.toFixed(3)} ms off` : "";
  const known = sources.split("\n").flatMap((line) => line.trim().split(",")[2] ?? []);
  return { program: "chrony", isSynchronised, detail, sources: known };
}

/** `NTP`: systemd's own service is on. `NTPSynchronized`: the kernel's clock is kept by somebody. `ServerName`, `ServerAddress`: from whom the service takes the time. */
export function systemdStanding(output: string, server: string): TimeSource {
  const sources = ["Name", "Address"].flatMap((part) => new RegExp(`^Server${part}=(\\S+)$`, "m").exec(server)?.[1] ?? []);
  const isSynchronised = /^NTPSynchronized=yes$/m.test(output);
  const isOn = /^NTP=yes$/m.test(output);
  return { program: isOn ? "systemd's time service" : "as timedatectl says", isSynchronised, detail: "", sources: [...new Set(sources)] };
}
