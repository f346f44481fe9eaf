import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GroupStandings } from "../../../agent/answers/group-standing.ts";
import { openSipEndpoint } from "../../../agent/answers/sip-endpoint.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";
import type { PriorityGroup } from "../../../shared/domain/membership/cluster-document.ts";
import { usFromMs } from "../../../shared/domain/time.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { testDocument } from "../cluster-signer.ts";
import { viewAt } from "./views.ts";

const sipp = "/usr/bin/sipp";
const sippMissing = existsSync(sipp) ? null : "needs sipp, in Debian the package sip-tester";

const groups = ["default", "paging"].map(
  (name): PriorityGroup => ({
    name: name as GroupName,
    order: [],
    resources: [{ kind: "sip-answer", name }],
    failback: { mode: "manual" },
  }),
);
const request = (method: string, callId: string): string =>
  `${method} sip:trunk@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bK${callId};rport\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: ${callId}\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`;

describe("the answer to a PBX", () => {
  const nowMs = 1_000;
  const folder = mkdtempSync(join(tmpdir(), "understudy-sip-"));
  const standings = new GroupStandings(() => usFromMs(nowMs));
  let port = 0;
  let endpoint = { close: () => Promise.resolve() };

  const overTcp = async (sent: readonly string[], enough: (received: string) => boolean): Promise<string> => {
    const socket: Socket = connect(port, "127.0.0.1");
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (enough(received)) socket.end();
    });
    const closed = once(socket, "close");
    for (const part of sent) {
      socket.write(part);
      // Each in a segment of its own.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await closed;
    return received;
  };

  beforeAll(async () => {
    [port = 0] = await freePorts(1);
    endpoint = await openSipEndpoint({ host: "127.0.0.1", port, document: () => testDocument([], { groups }), standings });
  });
  afterAll(async () => {
    await endpoint.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => standings.viewChanged(viewAt(nowMs, { default: "operational", paging: "operational" })));

  it("over UDP: 200 where it is operational for every group, 503 with Retry-After as soon as one is elsewhere; garbage gets nothing", async () => {
    const socket = createSocket("udp4").bind(0, "127.0.0.1");
    const ask = async (text: string): Promise<string> => {
      const answer = once(socket, "message") as Promise<[Buffer]>;
      socket.send("garbage", port, "127.0.0.1");
      socket.send(request("OPTIONS", "big").replace("\r\n\r\n", `\r\nX: ${"y".repeat(9_000)}\r\n\r\n`), port, "127.0.0.1");
      socket.send(text, port, "127.0.0.1");
      return (await answer)[0].toString("latin1");
    };
    expect(await ask(request("OPTIONS", "one"))).toMatch(
      /^SIP\/2\.0 200 OK\r\n[^]*;rport=\d+;received=127\.0\.0\.1\r\n[^]*Call-ID: one\r\n/,
    );
    standings.viewChanged(viewAt(nowMs, { default: "operational", paging: "handing-over" }));
    expect(await ask(request("OPTIONS", "two"))).toMatch(/^SIP\/2\.0 503 Service Unavailable\r\n[^]*Retry-After: 5\r\n/);
    expect(await ask(request("INVITE", "three"))).toMatch(/^SIP\/2\.0 405 [^]*Allow: OPTIONS\r\n/);
    socket.close();
  });

  it("over TCP: requests in pieces and several at once, empty lines between them, ACK without an answer", async () => {
    const [first, second] = [request("OPTIONS", "one"), request("OPTIONS", "two")];
    const sent = ["\r\n\r\n", first.slice(0, 50), first.slice(50) + request("ACK", "none") + second.slice(0, 10), second.slice(10)];
    const received = await overTcp(sent, (text) => text.includes("Call-ID: two"));
    expect(received.match(/SIP\/2\.0 200 OK/g)).toHaveLength(2);
    expect(received).not.toContain("none");
  });

  it("over TCP: whoever sends no SIP, or does not end, is disconnected", async () => {
    expect(await overTcp(["GET / HTTP/1.1\r\n\r\n"], () => false)).toBe("");
    expect(await overTcp(["x".repeat(10_000)], () => false)).toBe("");
    expect(await overTcp([request("OPTIONS", "one").replace("Content-Length: 0", "Content-Length: 90000")], () => false)).toBe("");
  });

  it("a port that is taken: told with its setting", async () => {
    const again = openSipEndpoint({ host: "127.0.0.1", port, document: () => testDocument([]), standings });
    await expect(again).rejects.toMatchObject({ code: "port-unavailable", nextStep: expect.stringMatching(/sip\.port/) as string });
  });

  it.skipIf(sippMissing !== null).each(["u1", "t1"])(
    `sipp takes the answers for right, over transport %s${sippMissing === null ? "" : ` (skipped: ${sippMissing})`}`,
    async (transport) => {
      const [local = 0] = await freePorts(1);
      const run = async (status: number): Promise<number | null> => {
        const file = join(folder, `${status}.xml`);
        writeFileSync(file, scenario(status));
        const args = ["-sf", file, "-t", transport, "-i", "127.0.0.1", "-p", String(local), "-m", "20", "-r", "100"];
        const child = spawn(sipp, [...args, "-timeout", "10s", "-timeout_error", "-nostdin", `127.0.0.1:${port}`], {
          stdio: "ignore",
          cwd: folder,
          env: { ...process.env, TERM: "dumb" },
        });
        const [code] = (await once(child, "exit")) as [number | null];
        return code;
      };
      expect(await run(200)).toBe(0);
      standings.viewChanged(viewAt(nowMs, { default: "standby", paging: "standby" }));
      expect(await run(503)).toBe(0);
    },
    30_000,
  );
});

/** A sipp scenario that sends OPTIONS and takes one answer only for right. */
function scenario(status: number): string {
  return `<?xml version="1.0"?><scenario name="options"><send retrans="500"><![CDATA[
OPTIONS sip:trunk@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:pbx@[local_ip]>;tag=[call_number]
To: <sip:trunk@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 OPTIONS
Max-Forwards: 70
Content-Length: 0

]]></send><recv response="${status}"/></scenario>`;
}
