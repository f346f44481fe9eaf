import { expect, it } from "vitest";
import { foldedPath, linkProblem, nameOf, parentOf, pathProblem } from "../../../../../shared/domain/replication/files/path-rules.ts";

it.each([
  ["", /empty/],
  ["/etc/passwd", /absolute/],
  ["../outside", /leads elsewhere/],
  ["a/../../b", /leads elsewhere/],
  ["a/./b", /leads elsewhere/],
  ["a//b", /leads elsewhere/],
  ["a/", /leads elsewhere/],
  ["line\nbreak", /control character/],
  ["nul\0", /control character/],
  ["\u001b[2J", /control character/],
  ["half \ud800", /UTF-8/],
  ["x".repeat(256), /longer than 255/],
  ["ä".repeat(128), /longer than 255/],
  [Array.from({ length: 200 }, () => "a").join("/"), /deeper/],
  [Array.from({ length: 20 }, () => "a".repeat(200)).join("/"), /longer than 3000/],
  [".understudy/incoming/x", /own folder/],
])("path %j is refused with its reason", (path, reason) => {
  expect(pathProblem(path)).toMatch(reason);
});

it.each(["a", "a/b.wav", "..a", "a/...", "Grüße 中.txt", "-rf", "a/.understudy", "x".repeat(255), "%2e%2e"])("path %j is taken", (path) => {
  expect(pathProblem(path)).toBeUndefined();
});

it.each([
  ["a/b/link", "../c", undefined],
  ["a/b/link", "../../top", undefined],
  ["link", "a/../b", undefined],
  ["a/b/link", "../../../out", /out of the tree/],
  ["link", "..", /out of the tree/],
  ["link", "a/../../b", /out of the tree/],
  ["link", "/etc/passwd", /absolute/],
  ["link", "", /cannot be told/],
  ["link", "a\nb", /cannot be told/],
  ["a/link", "../.understudy/x", /own folder/],
])("link %j to %j", (path, target, reason) => {
  if (reason === undefined) expect(linkProblem(path, target)).toBeUndefined();
  else expect(linkProblem(path, target)).toMatch(reason);
});

it("names that differ only in case, or in how an accent is written, fold to one", () => {
  expect(foldedPath("Gr\u00fc\u00dfe/A")).toBe(foldedPath("gru\u0308\u00dfe/a"));
  expect(foldedPath("a")).not.toBe(foldedPath("b"));
});

it("a path is its folder and its name", () => {
  expect([parentOf("a/b/c"), nameOf("a/b/c"), parentOf("c"), nameOf("c")]).toEqual(["a/b", "c", "", "c"]);
});
