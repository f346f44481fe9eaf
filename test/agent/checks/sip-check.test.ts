import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { afterEach, describe, expect, it } from "vitest";
import { SipCheck } from "../../../agent/checks/sip-check.ts";
import { settingsOf, within } from "./check-settings.ts";

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

interface Asked {
  readonly text: string;
  readonly count: number;
  readonly answer: (text: string) => void;
}

async function responder(onAsked: (asked: Asked) => void): Promise<number> {
  const socket = createSocket("udp4");
  sockets.push(socket);
  let count = 0;
  socket.on("message", (bytes: Buffer, from: RemoteInfo) => {
    count += 1;
    onAsked({ text: bytes.toString(), count, answer: (text) => socket.send(text, from.port, from.address) });
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return socket.address().port;
}

/** What RFC 3261 asks of an answer: the headers by which the asker knows it. */
function answerTo(request: string, status: string): string {
  const repeated = request.split("\r\n").filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
  return [`SIP/2.0 ${status}`, ...repeated, "Content-Length: 0", "", ""].join("\r\n");
}

const look = (port: number, signal = within()): Promise<string | null> =>
  new SipCheck(settingsOf("sip", { host: "127.0.0.1", port })).look(signal);

describe("a SIP check", () => {
  it("200 OK: well, and the request has what every element of SIP asks for", async () => {
    const seen: string[] = [];
    const port = await responder(({ text, answer }) => {
      seen.push(text);
      answer(answerTo(text, "200 OK"));
    });
    expect(await look(port)).toBeNull();
    const [request = ""] = seen;
    expect(request).toMatch(new RegExp(`^OPTIONS sip:127.0.0.1:${port} SIP/2.0\r\n`));
    expect(request).toMatch(/\r\nVia: SIP\/2\.0\/UDP 127\.0\.0\.1:\d+;branch=z9hG4bK[0-9a-f]{32};rport\r\nMax-Forwards: 70\r\n/);
    expect(request).toMatch(/\r\nContent-Length: 0\r\n\r\n$/);
  });

  it.each(["404 Not Found", "503 Service Unavailable", "302 Moved Temporarily"])("%s: told", async (status) => {
    const port = await responder(({ text, answer }) => answer(answerTo(text, status)));
    expect(await look(port)).toBe(`it answered with ${status}`);
  });

  it("100 Trying says nothing yet: the final answer counts", async () => {
    const port = await responder(({ text, answer }) => {
      answer(answerTo(text, "100 Trying"));
      setTimeout(() => answer(answerTo(text, "200 OK")), 50);
    });
    expect(await look(port)).toBeNull();
  });

  it("the first request is lost: it is sent again", async () => {
    const port = await responder(({ text, count, answer }) => count > 1 && answer(answerTo(text, "200 OK")));
    expect(await look(port)).toBeNull();
  });

  it("answers to somebody else, and what is no SIP: not believed", async () => {
    const port = await responder(({ text, answer }) => {
      answer("not SIP at all");
      answer(answerTo(text, "200 OK").replace(/Call-ID: .*/, "Call-ID: other"));
      answer(answerTo(text, "200 OK").replace(/branch=[^;]*/, "branch=z9hG4bKother"));
      answer(text);
    });
    expect(await look(port, within(300))).toBe("it has not answered");
  });

  it("words that could fool a terminal or fill a log: one short line", async () => {
    const port = await responder(({ text, answer }) => answer(answerTo(text, `500 \u001b[2J${"x".repeat(2_000)}`)));
    const told = (await look(port)) ?? "";
    expect(told).toMatch(/^it answered with 500 \[2Jx+$/);
    expect(told.length).toBeLessThan(250);
  });

  it("nobody listens: the kernel's word for it", async () => {
    const port = await responder(() => {});
    for (const socket of sockets.splice(0)) await new Promise<void>((resolve) => socket.close(resolve));
    expect(await look(port)).toMatch(/ECONNREFUSED/);
  });

  it("a name that nobody has", async () => {
    const check = new SipCheck(settingsOf("sip", { host: "nobody.invalid" }));
    expect(await check.look(within(10_000))).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });
});
