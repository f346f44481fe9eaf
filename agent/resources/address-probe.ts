import { createSocket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { msFromUs, usFromMs } from "../../shared/domain/time.ts";
import type { RunIp } from "./ip-tool.ts";
import { monotonicUs } from "./monotonic.ts";

/** When to look, in milliseconds after the question: neighbours on one LAN answer within one or two, and each look may cost a process. */
const looksAtMs = [4, 12, 16, 20, 24, 40, 60] as const;
/** Nobody listens at it (RFC 863); all that counts is that the kernel must find the neighbour first. */
const discardPort = 9;

const neighboursSchema = z.array(z.object({ dst: z.string(), lladdr: z.string().optional(), state: z.array(z.string()) }));

export interface Probed {
  readonly host: string;
  readonly family: 4 | 6;
  readonly interfaceName: string;
}

/**
 * The hardware address of whoever holds an address now, or null where nobody answers. The kernel does the asking (ARP, or neighbour
 * solicitation): it is made to forget the neighbour and given a datagram for it. `host` must not be set on this machine. Gives up after the
 * first look that comes so many milliseconds after the question.
 */
export async function probeAddress(run: RunIp, { host, family, interfaceName }: Probed, answerMs: () => number): Promise<string | null> {
  // One that it does not know is no error, and `flush` goes on after it where `delete` ends the tool.
  await run(["neighbour", "flush", "nud", "all", "to", host, "dev", interfaceName]);
  // An address of the link alone, as gateways have it in IPv6, says nothing without its interface.
  await sendDatagram(host.startsWith("fe80:") ? `${host}%${interfaceName}` : host, family);
  const askedUs = monotonicUs();
  for (const lookAtMs of looksAtMs) {
    await sleep(lookAtMs - msFromUs(monotonicUs() - askedUs));
    const answer = await neighbourOf(run, host, interfaceName);
    if (answer !== null) return answer;
    if (monotonicUs() - askedUs >= usFromMs(answerMs())) break;
  }
  return null;
}

async function neighbourOf(run: RunIp, host: string, interfaceName: string): Promise<string | null> {
  const result = await run(["neighbour", "show", "to", host, "dev", interfaceName]);
  if (!result.ok) throw new Error(`the neighbours of ${interfaceName} cannot be read: ${result.reason}`);
  // It says nothing at all where there is none.
  const neighbours = neighboursSchema.parse(JSON.parse(result.output.trim() || "[]"));
  const answered = neighbours.find(
    ({ lladdr, state }) => lladdr !== undefined && !state.includes("FAILED") && !state.includes("INCOMPLETE"),
  );
  return answered?.lladdr ?? null;
}

/** Whatever becomes of it: without a route nobody can answer either, and the interface's own check tells why. */
function sendDatagram(host: string, family: 4 | 6): Promise<void> {
  const socket = createSocket(family === 4 ? "udp4" : "udp6");
  return new Promise((resolve) => {
    const done = (): void => {
      socket.removeAllListeners();
      socket.close();
      resolve();
    };
    socket.once("error", done);
    socket.send(new Uint8Array(1), discardPort, host, done);
  });
}
