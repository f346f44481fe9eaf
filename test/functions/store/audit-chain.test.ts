import { describe, expect, it } from "vitest";
import { brokenLinks, linked } from "../../../functions/store/audit-chain.ts";
import type { AuditEntry, AuditRecord } from "../../../shared/domain/audit/audit-entry.ts";

const record = (subject: string): AuditRecord => ({
  at: "2026-01-01T00:00:00.000Z",
  actor: { kind: "person", id: "1", name: "owner@example.com", requestId: "r" },
  action: "customer.created",
  customerId: null,
  subject,
  changes: [{ path: "", after: { name: subject } }],
});

function chainOf(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let index = 0; index < length; index += 1) entries.push(linked(record(`customer ${index}`), entries.at(-1)));
  return entries;
}

describe("the chain of the audit log", () => {
  it("is whole as it was written, in any order and from any place on, also after a way through JSON", () => {
    const entries = chainOf(6);
    expect(entries.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(brokenLinks(entries.toReversed())).toEqual([]);
    expect(brokenLinks(entries.slice(3))).toEqual([]);
    expect(brokenLinks(JSON.parse(JSON.stringify(entries)) as AuditEntry[])).toEqual([]);
  });

  it("does not depend on the order of an object's members", () => {
    const [entry] = chainOf(1);
    if (entry === undefined) throw new Error("no entry");
    expect(brokenLinks([Object.fromEntries(Object.entries(entry).toReversed()) as unknown as AuditEntry])).toEqual([]);
  });

  it.each([
    ["a changed name", (entry: AuditEntry) => ({ ...entry, actor: { ...entry.actor, name: "somebody else" } })],
    ["a changed time", (entry: AuditEntry) => ({ ...entry, at: "2025-01-01T00:00:00.000Z" })],
    ["a changed content", (entry: AuditEntry) => ({ ...entry, changes: [] })],
  ])("%s is told", (_what, change) => {
    const entries = chainOf(4);
    const changed = entries.map((entry) => (entry.number === 2 ? change(entry) : entry));
    expect(brokenLinks(changed)).toEqual([2]);
  });

  it("an entry written anew with its own hash: its successor tells", () => {
    const entries = chainOf(4);
    const forged = linked(record("forged"), entries[0]);
    expect(brokenLinks(entries.map((entry) => (entry.number === 2 ? forged : entry)))).toEqual([3]);
  });

  it("a first entry that was not the first", () => {
    const [, second] = chainOf(2);
    if (second === undefined) throw new Error("no entry");
    const { sha256: _, ...rest } = second;
    expect(brokenLinks([{ ...rest, number: 1, sha256: second.sha256 }])).toEqual([1]);
  });
});
