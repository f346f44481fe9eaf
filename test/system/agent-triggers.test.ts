import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BellCluster, bellTrigger } from "../agent/processes/bell-cluster.ts";
import { freePorts } from "../demo/free-ports.ts";

const token = "a-token-of-the-test";
let bells: BellCluster;
let ports: readonly number[];

beforeAll(async () => {
  ports = await freePorts(4);
  const [nobody = 0, ...hooks] = ports;
  const url = `http://127.0.0.1:${nobody}/nobody-takes-it`;
  const source = { kind: "webhook", tokenSha256: createHash("sha256").update(token).digest("hex") } as const;
  bells = await BellCluster.create({
    everySeconds: 2,
    triggers: [
      {
        ...bellTrigger("door", source, Date.now(), url),
        actions: [{ kind: "udp-multicast", name: "call", address: "239.7.7.7", port: nobody, ttl: 1, text: "door" }],
      },
      {
        ...bellTrigger("moved", { kind: "event", events: ["group.takeover"] }, Date.now(), url),
        actions: [{ kind: "command", name: "note", command: "note" }],
      },
    ],
    settings: { commands: { note: { command: ["/bin/true"] } } },
    webhookPorts: hooks,
  });
  await bells.start();
}, 120_000);
afterAll(() => bells.end());

function knock(name: string, headers: Record<string, string>): Promise<Response> {
  const port = ports[1 + bells.names.indexOf(name)];
  return fetch(`http://127.0.0.1:${port}/triggers/door`, { method: "POST", headers, body: '{"door":"north"}' });
}

it("a request with its token sets a trigger off on the holder alone, once for one key, and every node shows what came of it", async () => {
  const holder = await bells.holder();
  const [standby = ""] = bells.names.filter((name) => name !== holder);
  const authorization = `Bearer ${token}`;
  expect((await knock(holder, { authorization: "Bearer wrong" })).status).toBe(401);
  const elsewhere = await knock(standby, { authorization });
  expect([elsewhere.status, await elsewhere.json()]).toMatchObject([503, { holder }]);
  const first = await knock(holder, { authorization, "idempotency-key": "ring-1" });
  const told = (await first.json()) as { readonly occurrence: string };
  expect([first.status, told]).toMatchObject([202, { repeated: false, replicated: true }]);
  const again = await knock(holder, { authorization, "idempotency-key": "ring-1" });
  expect(await again.json()).toMatchObject({ occurrence: told.occurrence, repeated: true });
  await expect
    .poll(async () => (await bells.sent(standby)).find(({ id }) => id === told.occurrence), { timeout: 10_000 })
    .toMatchObject({ outcome: "done", repeats: 0, attempts: [{ node: { name: holder }, results: [{ outcome: "done", tries: 1 }] }] });
}, 60_000);

it("a schedule whose server dies in the middle misses nothing; every node's log shows who did it, also when that one is no longer of the cluster", async () => {
  const first = await bells.strike({ after: "heard", ms: 0 });
  await bells.comeBack(first);
  const second = await bells.strike({ after: "due", ms: -20 });
  await bells.comeBackWithout(first, second);
  const left = bells.names.filter((name) => name !== first);
  const verdict = await bells.verdict(20_000, left);
  expect(verdict).toMatchObject({ missed: [], untold: [], notDone: [], differing: [] });
  expect(verdict.doubled.length, "it had come, and its sender died before it knew").toBeGreaterThan(0);
  expect(Object.keys(verdict.servers)).toEqual(expect.arrayContaining([first, second]));
  const moved = (await bells.sent(second)).filter(({ trigger }) => trigger === "moved");
  expect(moved.length, "each takeover was told").toBeGreaterThanOrEqual(2);
  const shown = await bells.cluster.command(second, "triggers log", "--trigger", "bell", "--limit", "500");
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining(first) as string });
}, 120_000);
