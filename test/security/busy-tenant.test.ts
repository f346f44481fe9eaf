import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { apiApp } from "../../functions/api/api-app.ts";
import { closeServer, listen } from "../../functions/embedded/listen.ts";
import { makeApiKey } from "../../functions/use-cases/api-keys.ts";
import { createCustomer } from "../../functions/use-cases/create-customer.ts";
import { type ControlPlane, startControlPlane } from "../functions/control-plane.ts";

let plane: ControlPlane;
let server: Server;
let base = "";
/** A second's worth, and no more at first: a hundred times that is what the busy one asks. */
const rate = { perSecond: 5, burst: 5 };

beforeAll(async () => {
  plane = await startControlPlane();
  const rates = { signedIn: rate, strangers: rate };
  server = createAdaptorServer({ fetch: apiApp({ ...plane.dependencies, session: async () => undefined, rates }).fetch }) as Server;
  base = `http://127.0.0.1:${await listen(server, { host: "127.0.0.1", port: 0, option: "" })}`;
});
afterAll(async () => {
  await closeServer(server);
  await plane.close();
});

/** An owner of one customer, who is made for him. */
const keyOf = async (name: string): Promise<string> => {
  const { customerId } = await createCustomer(plane.dependencies, { name });
  return (await makeApiKey(plane.dependencies, "test", { name, access: { role: "owner", customers: [customerId] }, expiresAt: null }))
    .secret;
};

const ask = async (key: string) => {
  const response = await fetch(`${base}/v1/customers`, { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, retryAfter: response.headers.get("retry-after"), text: await response.text() };
};

it("one caller at a hundred times his rate: he is refused, and every request of another is answered", async () => {
  const [busy, quiet] = [await keyOf("Adler"), await keyOf("Baer")];
  const flood = Promise.all(Array.from({ length: 100 * rate.perSecond }, () => ask(busy)));
  const answers = [];
  for (let asked = 0; asked < rate.burst; asked += 1) answers.push(await ask(quiet));
  const flooded = await flood;
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: rate.burst }, () => 200));
  expect(flooded.filter(({ status }) => status === 200).length).toBe(rate.burst);
  const refused = flooded.filter(({ status }) => status !== 200);
  expect(new Set(refused.map(({ status, retryAfter }) => `${status} ${retryAfter}`))).toEqual(new Set(["429 1"]));
});
