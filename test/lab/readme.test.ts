import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scenarios } from "./scenarios.ts";

describe("the lab's README", () => {
  it("lists every scenario with its sentence", () => {
    const text = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
    const rows = [...text.matchAll(/^\| `([a-z0-9-]+)`\s*\| (.*?)\s*\|$/gm)].map(([, name, about]) => ({ name, about }));
    expect(rows).toEqual(scenarios.map(({ name, about }) => ({ name, about })));
  });

  it("no two scenarios have one name", () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });
});
