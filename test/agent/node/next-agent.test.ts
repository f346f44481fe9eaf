import { mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { guardianProtocol } from "../../../agent/node/guardian-protocol.ts";
import { readLines, toLine } from "../../../agent/node/json-lines.ts";
import { awaitNextAgent } from "../../../agent/node/next-agent.ts";
import { identify } from "../../../agent/resources/marked-processes.ts";
import { monotonicUs } from "../../../agent/resources/monotonic.ts";
import { usFromMs } from "../../../shared/domain/time.ts";

/** A guardian whose agent is away, on a socket of its own; the next agents are this test's. */
describe("a guardian that waits for the next agent", () => {
  let folder = "";
  let socketPath = "";
  let events: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "understudy-next-agent-"));
    socketPath = join(folder, "adopt.sock");
    events = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const wait = (forMs: number): Promise<void> =>
    awaitNextAgent({
      socketPath,
      secret: "the last agent's",
      readoptByUs: monotonicUs() + usFromMs(forMs),
      onCome: (adoption, lifeline) => {
        events.push(`came: ${adoption.agent.pid}`);
        lifeline.once("close", () => events.push("its lifeline has closed"));
      },
      onGivenUp: (cause) => events.push(cause),
    });
  const knock = (patch: object): Promise<{ readonly answer: unknown; readonly close: () => void }> => {
    const { promise, resolve, reject } = Promise.withResolvers<{ readonly answer: unknown; readonly close: () => void }>();
    const socket = createConnection(socketPath);
    socket.once("error", reject);
    readLines(socket, (answer) => resolve({ answer, close: () => socket.destroy() }));
    const agent = identify(process.pid);
    socket.write(toLine({ type: "adopt", protocol: guardianProtocol, secret: "the last agent's", agent, configuration: {}, ...patch }));
    return promise;
  };

  it("turns away who does not know the secret, goes on waiting, and takes the one who does; from then on that connection is its lifeline", async () => {
    await wait(5_000);
    expect((await knock({ secret: "another's" })).answer).toMatchObject({ type: "refused" });
    expect((await knock({ secret: "the last agent'z" })).answer).toMatchObject({ type: "refused" });
    expect(events).toEqual([]);
    const { answer, close } = await knock({});
    expect(answer).toEqual({ type: "adopted", guardian: identify(process.pid) });
    expect(events).toEqual([`came: ${process.pid}`]);
    close();
    await expect.poll(() => events).toEqual([`came: ${process.pid}`, "its lifeline has closed"]);
  });

  it("gives up at once where the next agent speaks another version of its language", async () => {
    await wait(5_000);
    expect((await knock({ protocol: guardianProtocol + 1 })).answer).toMatchObject({ type: "refused" });
    expect(events).toEqual(["the next agent speaks another version of its language"]);
  });

  it("gives up when the time is over, and nobody who comes later finds it", async () => {
    await wait(50);
    await expect.poll(() => events).toEqual(["no agent came in time"]);
    await expect(knock({})).rejects.toThrow(/ENOENT|ECONNREFUSED/);
  });
});
