import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiApp } from "../../../functions/api/api-app.ts";
import { openAnswer, sealAnswer } from "../../../functions/api/sealed-answer.ts";
import { StoreUnavailableError } from "../../../functions/store/store-error.ts";
import { makeApiKey } from "../../../functions/use-cases/api-keys.ts";
import { limits } from "../../../shared/config/limits.ts";
import { apiErrorSchema } from "../../../shared/protocol/errors.ts";
import { type ControlPlane, startControlPlane } from "../control-plane.ts";

let plane: ControlPlane;
let api: ReturnType<typeof apiApp>;
let secret: string;
let other: string;
beforeAll(async () => {
  plane = await startControlPlane();
  api = apiApp(plane.dependencies);
  const wanted = { name: "test", access: { role: "owner", customers: "all" }, expiresAt: null } as const;
  [secret, other] = [
    (await makeApiKey(plane.dependencies, "test", wanted)).secret,
    (await makeApiKey(plane.dependencies, "test", wanted)).secret,
  ];
});
afterAll(async () => plane.close());

async function post(path: string, body: unknown, key: string, options: { readonly as?: string; readonly app?: typeof api } = {}) {
  const headers = { authorization: `Bearer ${options.as ?? secret}`, "content-type": "application/json", "idempotency-key": key };
  return (options.app ?? api).request(path, { method: "POST", headers, body: JSON.stringify(body) });
}
const codeOf = async (response: Response) => apiErrorSchema.parse(await response.json()).error.code;
const customers = async () => (await plane.dependencies.stores.customers.list()).length;

describe("a POST with an Idempotency-Key", () => {
  it("again: the same answer, and nothing is done twice", async () => {
    const before = await customers();
    const first = await post("/v1/customers", { name: "Adler" }, "one");
    const again = await post("/v1/customers", { name: "Adler" }, "one");
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(await again.json()).toEqual(await first.json());
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(await customers()).toBe(before + 1);
  });

  it("fifty at once: it is done once; whoever is too early is told so", async () => {
    const before = await customers();
    const answers = await Promise.all(Array.from({ length: 50 }, () => post("/v1/customers", { name: "Race" }, "fifty")));
    expect(await customers()).toBe(before + 1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
    const early = answers.filter(({ status }) => status === 409);
    expect(new Set(await Promise.all(early.map(codeOf)))).toEqual(new Set(["idempotency-in-progress"]));
  });

  it("another body, or another route, with the same key: refused", async () => {
    await post("/v1/customers", { name: "Adler" }, "two");
    expect(await codeOf(await post("/v1/customers", { name: "Krone" }, "two"))).toBe("idempotency-key-reused");
    expect(await codeOf(await post("/v1/api-keys", { name: "Adler" }, "two"))).toBe("idempotency-key-reused");
  });

  it("another caller's key of the same name is another key", async () => {
    const before = await customers();
    await post("/v1/customers", { name: "Adler" }, "three");
    const response = await post("/v1/customers", { name: "Krone" }, "three", { as: other });
    expect(response.status).toBe(201);
    expect(await customers()).toBe(before + 2);
  });

  it("a refusal is the answer too", async () => {
    const path = `/v1/customers/cust_${"0".repeat(20)}/clusters`;
    const first = await (await post("/v1/customers", { name: "" }, "four")).json();
    expect(await (await post("/v1/customers", { name: "" }, "four")).json()).toEqual(first);
    expect((await post(path, { name: "hall" }, "five")).status).toBe(404);
  });

  it("one that failed on our side is never made again under its key", async () => {
    const broken = apiApp({
      ...plane.dependencies,
      stores: {
        ...plane.dependencies.stores,
        customers: {
          ...plane.dependencies.stores.customers,
          add: () => Promise.reject(new StoreUnavailableError("put", new Error("away"))),
        },
      },
    });
    expect((await post("/v1/customers", { name: "Adler" }, "six", { app: broken })).status).toBe(503);
    expect(await codeOf(await post("/v1/customers", { name: "Adler" }, "six"))).toBe("idempotency-in-progress");
    plane.clock.nowMs += 61_000;
    expect(await codeOf(await post("/v1/customers", { name: "Adler" }, "six"))).toBe("idempotency-interrupted");
  });

  it("after a day the key is free again", async () => {
    await post("/v1/customers", { name: "Adler" }, "seven");
    plane.clock.nowMs += limits.idempotencyKeptMs;
    expect((await post("/v1/customers", { name: "Krone" }, "seven")).status).toBe(201);
  });

  it.each(["with space", "x".repeat(limits.idempotencyKeyCharactersMax + 1), "ümlaut"])("a key that is none: %s", async (key) => {
    const response = await post("/v1/customers", { name: "Adler" }, encodeURIComponent(key) === key ? key : key.replace("ü", "\u00fc"));
    expect(await codeOf(response)).toBe("invalid-request");
  });
});

describe("an answer that is kept", () => {
  const answer = { status: 201, etag: '"1"', body: '{"token":"secret"}' };

  it("opens for who was answered, and shows nothing to anybody else", () => {
    const kept = sealAnswer(answer, "credential", "key");
    expect(Buffer.from(kept, "base64url").toString("latin1")).not.toContain("token");
    expect(openAnswer(kept, "credential", "key")).toEqual(answer);
    expect(openAnswer(kept, "another", "key")).toBeNull();
    expect(openAnswer(kept, "credential", "another")).toBeNull();
  });
});
