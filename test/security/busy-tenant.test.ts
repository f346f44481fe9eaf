import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { apiApp } from "../../functions/api/api-app.ts";
import { closeServer, listen } from "../../functions/embedded/listen.ts";
import { makeApiKey } from "../../functions/use-cases/api-keys.ts";
import { createCustomer } from "../../functions/use-cases/create-customer.ts";
import type { CustomerId } from "../../shared/domain/ids.ts";
import { type ControlPlane, startControlPlane } from "../functions/control-plane.ts";

let plane: ControlPlane;
let server: Server;
let base = "";
/** A second's worth, and no more at first: a hundred times that is what the busy one asks. The clock stands still. */
const rate = { perSecond: 5, burst: 5 };
/** Of one customer, however many keys it has. */
const share = { perSecond: 40, burst: 40 };
const keys = 50;

beforeAll(async () => {
  plane = await startControlPlane();
  const rates = { signedIn: rate, customer: share, strangers: rate };
  server = createAdaptorServer({ fetch: apiApp({ ...plane.dependencies, session: async () => undefined, rates }).fetch }) as Server;
  base = `http://127.0.0.1:${await listen(server, { host: "127.0.0.1", port: 0, option: "" })}`;
});
afterAll(async () => {
  await closeServer(server);
  await plane.close();
});

/** Owners of one customer, who is made for them. */
async function keysOf(name: string, count: number): Promise<readonly string[]> {
  const { customerId } = await createCustomer(plane.dependencies, { name });
  return Promise.all(Array.from({ length: count }, () => keyWith(name, [customerId])));
}

async function keyWith(name: string, customers: "all" | readonly CustomerId[]): Promise<string> {
  return (await makeApiKey(plane.dependencies, "test", { name, access: { role: "owner", customers }, expiresAt: null })).secret;
}

const ask = async (key: string) => {
  const response = await fetch(`${base}/v1/customers`, { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, retryAfter: response.headers.get("retry-after"), text: await response.text() };
};

/** How many of the requests of keys with these customers are answered, each key asking as often as it may. */
async function servedOf(wanted: readonly ("all" | readonly CustomerId[])[]): Promise<number> {
  const secrets = await Promise.all(wanted.map((customers) => keyWith("busy", customers)));
  const answers = await Promise.all(secrets.flatMap((key) => Array.from({ length: rate.burst }, () => ask(key))));
  return answers.filter(({ status }) => status === 200).length;
}

it("one caller at a hundred times his rate: he is refused, and every request of another is answered", async () => {
  const [[busy = ""], [quiet = ""]] = [await keysOf("Adler", 1), await keysOf("Baer", 1)];
  const flood = Promise.all(Array.from({ length: 100 * rate.perSecond }, () => ask(busy)));
  const answers = [];
  for (let asked = 0; asked < rate.burst; asked += 1) answers.push(await ask(quiet));
  const flooded = await flood;
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: rate.burst }, () => 200));
  expect(flooded.filter(({ status }) => status === 200).length).toBe(rate.burst);
  const refused = flooded.filter(({ status }) => status !== 200);
  expect(new Set(refused.map(({ status, retryAfter }) => `${status} ${retryAfter}`))).toEqual(new Set(["429 1"]));
});

it("fifty keys of one customer, each within its own rate: together they have the customer's share, and every request of another is answered", async () => {
  const [busy, [quiet = ""]] = [await keysOf("Adler", keys), await keysOf("Baer", 1)];
  const flood = Promise.all(busy.flatMap((key) => Array.from({ length: rate.burst }, () => ask(key))));
  const answers = [];
  for (let asked = 0; asked < rate.burst; asked += 1) answers.push(await ask(quiet));
  const flooded = await flood;
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: rate.burst }, () => 200));
  expect(flooded.filter(({ status }) => status === 200).length).toBe(share.burst);
  const refused = flooded.filter(({ status }) => status !== 200);
  expect(new Set(refused.map(({ status, retryAfter }) => `${status} ${retryAfter}`))).toEqual(new Set(["429 1"]));
  expect(refused[0]?.text).toContain("by you and those with whom you share a customer");
});

it("keys with any choice of two customers have the shares of the two, and the provider's own one for all of them", async () => {
  const [one, other] = await Promise.all(
    ["Adler", "Baer"].map(async (name) => (await createCustomer(plane.dependencies, { name })).customerId),
  );
  if (one === undefined || other === undefined) throw new Error("no customers were made");
  const choices = [[one], [other], [one, other], [other, one]];
  expect(await servedOf(Array.from({ length: keys }, (_, index) => choices[index % choices.length] ?? []))).toBe(2 * share.burst);
  expect(await servedOf(Array.from({ length: keys }, () => "all" as const))).toBe(share.burst);
});
