import { timingSafeEqual } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { type MonotonicUs, US_PER_MS } from "../../shared/domain/time.ts";
import { identify } from "../resources/marked-processes.ts";
import { monotonicUs } from "../resources/monotonic.ts";
import { type Adoption, type AdoptionAnswer, guardianProtocol } from "./guardian-protocol.ts";
import { readLines, toLine } from "./json-lines.ts";

/** A process that does not say who it is in this time is not the next agent. */
const adoptionTimeoutMs = 2_000;

export interface NextAgentOptions {
  readonly socketPath: string;
  /** Of the agent that is away: it has left it to the next one, where only their user can read it. */
  readonly secret: string;
  readonly readoptByUs: MonotonicUs;
  /** The connection is the new agent's lifeline. */
  readonly onCome: (adoption: Adoption, lifeline: Socket) => void;
  /** Nobody came in time, or somebody who cannot go on with this guardian. */
  readonly onGivenUp: (cause: string) => void;
}

/** Waits for the agent that takes this guardian over. Resolves when it can come; rejects where the socket cannot be opened. */
export async function awaitNextAgent({ socketPath, secret, readoptByUs, onCome, onGivenUp }: NextAgentOptions): Promise<void> {
  await rm(socketPath, { force: true });
  let isOver = false;
  const end = (): void => {
    isOver = true;
    clearTimeout(late);
    server.close();
  };
  const answer = (socket: Socket, value: unknown): void => {
    const adoption = value as Adoption;
    const guardian = identify(process.pid);
    if (isOver || guardian === null || !isNext(adoption, secret)) return refuse(socket, "it does not wait for the one who asks");
    end();
    if (adoption.protocol !== guardianProtocol) {
      refuse(socket, `it speaks version ${guardianProtocol} of the agent's language, and the agent version ${adoption.protocol}`);
      return onGivenUp("the next agent speaks another version of its language");
    }
    socket.setTimeout(0);
    onCome(adoption, socket);
    socket.write(toLine({ type: "adopted", guardian } satisfies AdoptionAnswer));
  };
  const server = createServer((socket) => {
    socket.setTimeout(adoptionTimeoutMs, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    readLines(socket, (value) => answer(socket, value));
  });
  const late = setTimeout(
    () => {
      end();
      onGivenUp("no agent came in time");
    },
    Math.max(0, (readoptByUs - monotonicUs()) / US_PER_MS),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
}

function isNext({ type, secret: shown }: Adoption, secret: string): boolean {
  const [left, right] = [Buffer.from(shown), Buffer.from(secret)];
  return type === "adopt" && left.length === right.length && timingSafeEqual(left, right);
}

function refuse(socket: Socket, reason: string): void {
  socket.end(toLine({ type: "refused", reason } satisfies AdoptionAnswer));
}
