import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roles } from "../../../shared/domain/access/access.ts";
import { apiErrorSchema } from "../../../shared/protocol/errors.ts";
import { accessDocument, type MatrixRow } from "./access-document.ts";
import { type Sample, samples } from "./access-samples.ts";
import { AccessWorld, type Caller } from "./access-world.ts";

const documentPath = join(import.meta.dirname, "../../../functions/ACCESS.md");
const never = { customerId: `cust_${"0".repeat(20)}`, clusterId: `clus_${"0".repeat(20)}` } as const;

let world: AccessWorld;
let routes: readonly { readonly method: string; readonly path: string; readonly key: string }[];
const rows: MatrixRow[] = [];
const row = (key: string) => rows.find((one) => one.key === key) ?? { key, answers: new Map() };
const statusOf = (key: string, caller: string) => row(key).answers.get(caller)?.status ?? 0;

/** Every route as every caller, once; what they were answered is judged below. */
beforeAll(async () => {
  world = await AccessWorld.open();
  const [nobody] = world.callers;
  if (nobody === undefined) throw new Error("there is no caller");
  const document = (await (await world.ask(nobody, "GET", "/v1/openapi.json", {})).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path, key: `${method.toUpperCase()} ${path}` })),
  );
  for (const { method, path, key } of routes) {
    const sample = samples[key];
    if (sample === undefined) continue;
    const answers: MatrixRow["answers"] = new Map();
    for (const caller of world.callers) {
      const request = await sample(world, caller);
      const response = await world.ask(caller, method, filled(path, request.path), request);
      const written = [...world.written];
      const entries = [...world.entries];
      const text = await response.text();
      const asUnknown = response.status === 404 ? await askedOfNothing(caller, method, path, request) : null;
      answers.set(caller.name, { status: response.status, expected: request.status, text, written, entries, asUnknown });
    }
    rows.push({ key, answers });
  }
}, 180_000);
afterAll(async () => world[Symbol.asyncDispose]());

function filled(path: string, parameters: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ""));
}

/** The same request about a customer and a cluster that never were. */
async function askedOfNothing(caller: Caller, method: string, path: string, request: Sample) {
  return (await world.ask(caller, method, filled(path, { ...request.path, ...never }), request)).text();
}

const refusals = () =>
  rows
    .flatMap(({ key, answers }) => [...answers].map(([caller, answer]) => ({ what: `${key} as ${caller}`, key, caller, ...answer })))
    .filter(({ status }) => status >= 400);
const named = (of: Caller["of"]) => world.callers.filter((caller) => caller.of === of);

describe("every route, as every caller", () => {
  it("no route of the OpenAPI document is without a sample, and no sample without its route", () => {
    expect(routes.map(({ key }) => key).toSorted()).toEqual(Object.keys(samples).toSorted());
  });

  it("whoever is let in gets what the route is for; everybody else is refused with 401, 403 or 404", () => {
    for (const { key, answers } of rows)
      for (const [caller, { status, expected, text }] of answers) {
        if (status < 400) expect(status, `${key} as ${caller}: ${text}`).toBe(expected);
        else expect([401, 403, 404], `${key} as ${caller}: ${text}`).toContain(status);
      }
  });

  it("whoever is refused has changed nothing", () => {
    expect(refusals().filter(({ written }) => written.some((call) => call !== "audit.append"))).toEqual([]);
  });

  it("whoever is signed in and refused has left exactly one entry, in the log of their own customer or of the provider; nobody else has", () => {
    const all = rows.flatMap(({ key, answers }) => [...answers].map(([caller, answer]) => ({ key, caller, ...answer })));
    for (const { key, caller, status, entries } of all) {
      const of = world.callers.find(({ name }) => name === caller)?.of ?? "nobody";
      const told = entries.filter(({ action }) => action === "request.refused");
      const what = `${key} as ${caller}: ${status}`;
      if (status < 400 || status === 401) {
        expect(told, what).toEqual([]);
        continue;
      }
      expect([entries.length, told.length], what).toEqual([1, 1]);
      const [entry] = told;
      expect(entry?.actor.name, what).toBe(caller);
      expect(entry?.refusal?.route, what).toBe(key);
      expect(entry?.refusal?.code, what).toBe(status === 403 ? "forbidden" : "not-found");
      const named = key.match(/\{\w+\}/g)?.map((name) => name.slice(1, -1)) ?? [];
      expect(Object.keys(entry?.refusal?.parameters ?? {}), what).toEqual(named);
      const logs = { nobody: undefined, provider: null, ours: world.ours.customerId, theirs: world.theirs.customerId };
      expect(entry?.customerId, what).toBe(logs[of]);
    }
    expect(all.filter(({ entries }) => entries.some(({ action }) => action === "request.refused")).length).toBeGreaterThan(200);
  });

  it("whatever was changed stands in the audit log, under the name of who changed it", () => {
    const changed = rows
      .flatMap(({ key, answers }) => [...answers].map(([caller, { written }]) => ({ what: `${key} as ${caller}`, written })))
      .filter(({ written }) => written.some((call) => !/^(audit|idempotency)\./.test(call)));
    expect(changed.length).toBeGreaterThan(50);
    expect(changed.filter(({ written }) => !written.includes("audit.append"))).toEqual([]);
    const entries = rows.flatMap(({ answers }) => [...answers.values()]).flatMap((answer) => answer.entries);
    expect(entries.filter(({ actor: { kind } }) => kind !== "api-key" && kind !== "node")).toEqual([]);
  });

  it("whoever is not signed in is refused everywhere but at what is public", () => {
    const open = rows.filter(({ key }) => named("nobody").some(({ name }) => statusOf(key, name) !== 401)).map(({ key }) => key);
    expect(open.toSorted()).toEqual(["GET /v1/openapi.json", "POST /v1/enrol"]);
  });

  it("another customer's callers learn nothing: what is ours is as unknown as what never was, whatever their role", () => {
    const ids = Object.values(world.ours);
    for (const { key, answers } of rows)
      for (const { name } of named("theirs")) {
        const { status, text, asUnknown } = answers.get(name) ?? { status: 0, text: "", asUnknown: null };
        const what = `${key} as ${name}`;
        if (/\{(customerId|clusterId)\}/.test(key)) {
          expect(status, what).toBe(404);
          expect(withoutIds(text), what).toBe(withoutIds(asUnknown ?? ""));
        } else if (!key.startsWith("POST /v1/enrol")) {
          expect(
            ids.filter((id) => text.includes(id)),
            what,
          ).toEqual([]);
        }
      }
  });

  it("a higher role is refused nothing that a lower one may, and a viewer changes nothing", () => {
    for (const { key } of rows)
      for (const of of ["provider", "ours", "theirs"] as const) {
        const may = roles.map((role) => statusOf(key, named(of).find((caller) => caller.role === role)?.name ?? "") < 400);
        expect(may, `${key} of ${of}`).toEqual(may.toSorted((one, other) => Number(one) - Number(other)));
        if (!key.startsWith("GET ") && key !== "POST /v1/enrol") expect(may[0], `${key} of ${of}`).toBe(false);
      }
  });

  it("functions/ACCESS.md says the same (UPDATE_ACCESS=1 writes it anew)", () => {
    const text = accessDocument(world.callers, rows);
    if (process.env["UPDATE_ACCESS"] === "1") writeFileSync(documentPath, text);
    expect(readFileSync(documentPath, "utf8")).toBe(text);
  });
});

/** What the caller named itself, and the request's own number, may differ. */
function withoutIds(text: string): string {
  if (text !== "") apiErrorSchema.parse(JSON.parse(text));
  return text.replaceAll(/(cust|clus)_[0-9a-z]{20}/g, "$1").replace(/"requestId":"[^"]+"/, "");
}
