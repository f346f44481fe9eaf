import { expect, it } from "vitest";
import { LocalPaths } from "../../../../../shared/domain/replication/files/local-paths.ts";

it.each([
  ["*.tmp", "a.tmp", true],
  ["*.tmp", "deep/down/a.tmp", true],
  ["*.tmp", "a.tmp.wav", false],
  ["cache", "cache/deep/file", true],
  ["cache", "a/cache", true],
  ["/cache/x", "cache/x", true],
  ["cache/*", "cache/x/y", true],
  ["cache/*", "other/cache/x", false],
  ["logs/**/*.log", "logs/a.log", true],
  ["logs/**/*.log", "logs/x/y/a.log", true],
  ["logs/**/*.log", "a.log", false],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["**/deep", "x/y/deep", true],
  ["*a*b*", "xxaxxbxx", true],
  ["*a*b*", "xxbxxaxx", false],
])("pattern %j, path %j: %s", (pattern, path, isLocal) => {
  expect(new LocalPaths([pattern]).has(path)).toBe(isLocal);
});

it("a hostile pattern takes no longer than any other", () => {
  const patterns = [`${"*a".repeat(100)}b`, Array.from({ length: 60 }, () => "**").join("/a/")];
  const started = performance.now();
  expect(new LocalPaths(patterns).has("a".repeat(200))).toBe(false);
  expect(new LocalPaths(patterns).has(Array.from({ length: 100 }, () => "a").join("/"))).toBeTypeOf("boolean");
  expect(performance.now() - started).toBeLessThan(2_000);
});
