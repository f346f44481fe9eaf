import { describe, expect, it } from "vitest";
import { asciiLine, cutTo, oneLine } from "../../../functions/notify/plain-text.ts";

describe("plain text", () => {
  it("cut: exactly the length, three dots at its end; what fits stays whole", () => {
    expect(cutTo(10, "0123456789")).toBe("0123456789");
    expect(cutTo(10, "0123456789a")).toBe("0123456...");
  });

  it("cut in the middle of a character of two units: the half is left out", () => {
    expect(cutTo(6, "ab😀cdef")).toBe("ab...");
  });

  it("one line: invisible characters and runs of spaces become one space", () => {
    expect(oneLine("\u0000 a\r\n\tb\u200b\u2029c \ufeff")).toBe("a b c");
  });

  it("ASCII: what has a plain form keeps it", () => {
    expect(asciiLine("Ŝtraße № ½ 漢😀")).toBe("Strasse No 1?2 ??");
  });
});
