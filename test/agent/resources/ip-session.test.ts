import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseAddresses } from "../../../agent/resources/address-interface.ts";
import { IpSession } from "../../../agent/resources/ip-session.ts";
import { runIp } from "../../../agent/resources/ip-tool.ts";
import type { ProgramResult } from "../../../agent/resources/system-program.ts";

const hasIp = ["/usr/sbin/ip", "/usr/bin/ip", "/sbin/ip", "/bin/ip"].some((file) => existsSync(file));
if (!hasIp) console.warn("sessions of ip are not tested: ip (package iproute2) is not installed");

/** Of this machine's loopback interface: nobody has given it this address. */
const takingOffWhatIsNotThere = ["address", "delete", "192.0.2.77/32", "dev", "lo"];

function addressesIn(result: ProgramResult): readonly string[] {
  if (!result.ok) throw new Error(result.reason);
  return parseAddresses(result.output).map(({ text, interfaceName }) => `${interfaceName} ${text}`);
}

describe.skipIf(!hasIp)("a session of ip", () => {
  let session: IpSession;

  beforeEach(() => {
    session = new IpSession();
  });
  afterEach(() => session.end());

  it("answers what a process of its own would, again and again", async () => {
    const expected = addressesIn(await runIp(["address", "show"]));
    expect(expected).toContain("lo 127.0.0.1/8");
    for (let time = 0; time < 3; time += 1) expect(addressesIn(await session.run(["address", "show"]))).toEqual(expected);
    expect(session.hasExited).toBe(false);
  });

  it("what fails is told with its reason, and the next command is carried out", async () => {
    const failed = await session.run(takingOffWhatIsNotThere);
    expect(failed).toMatchObject({ ok: false, reason: expect.stringMatching(/address|permitted/i) });
    expect(addressesIn(await session.run(["address", "show", "dev", "lo"]))).toContain("lo 127.0.0.1/8");
    expect(session.hasExited).toBe(false);
  });

  it("asked all at once: every answer goes to its own question", async () => {
    const results = await Promise.all([
      session.run(["address", "show", "dev", "lo"]),
      session.run(takingOffWhatIsNotThere),
      session.run(["neighbour", "show", "dev", "lo"]),
      session.run(["address", "show", "dev", "no-such"]),
      session.run(["address", "show", "dev", "lo"]),
    ]);
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true, false, true]);
    const [first, , , , last] = results;
    expect(last).toEqual(first);
    expect(results[3]).toMatchObject({ reason: expect.stringContaining("no-such") });
  });

  it("a word that could end the line is no second command", async () => {
    const [tricked, after] = await Promise.all([
      session.run(["address", "show", "dev", "lo\naddress show"]),
      session.run(["address", "show", "dev", "lo"]),
    ]);
    expect(tricked).toMatchObject({ ok: false });
    expect(addressesIn(after)).toContain("lo 127.0.0.1/8");
  });

  it("where it has ended, whatever the reason, commands are carried out by processes of their own", async () => {
    session.end();
    await expect.poll(() => session.hasExited).toBe(true);
    expect(addressesIn(await session.run(["address", "show", "dev", "lo"]))).toContain("lo 127.0.0.1/8");
  });

  it("a command that ends the tool is told as it would be by itself", async () => {
    const result = await session.run(["address", "frobnicate"]);
    expect(result).toMatchObject({ ok: false, reason: expect.stringContaining("frobnicate") });
    expect(addressesIn(await session.run(["address", "show", "dev", "lo"]))).toContain("lo 127.0.0.1/8");
  });
});
