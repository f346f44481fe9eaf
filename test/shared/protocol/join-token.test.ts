import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClusterId } from "../../../shared/domain/ids.ts";
import { decodeJoinToken, encodeJoinToken, type JoinToken } from "../../../shared/protocol/join-token.ts";

const token: JoinToken = {
  apiUrl: "https://cloud.example.com:8443",
  apiCaSha256: "0f".repeat(32),
  secret: "s".repeat(43),
  clusterId: "clus_0123456789abcdefghij" as ClusterId,
};

describe("join token: text and back", () => {
  it("keeps everything, with and without a pin", () => {
    expect(decodeJoinToken(encodeJoinToken(token))).toEqual({ ok: true, token });
    const { apiCaSha256: _, ...unpinned } = token;
    expect(decodeJoinToken(encodeJoinToken(unpinned))).toEqual({ ok: true, token: unpinned });
  });

  it("line breaks and spaces from terminals and mails do no harm", () => {
    const broken = encodeJoinToken(token).replaceAll(/(.{30})/g, "$1\n  ");
    expect(decodeJoinToken(` ${broken}\n`)).toEqual({ ok: true, token });
  });

  it.each([
    ["empty", "", "does not begin with"],
    ["of another product", "eyJhbGciOi", "does not begin with"],
    ["cut off", encodeJoinToken(token).slice(0, 80), "cut off or mistyped"],
    ["mistyped", encodeJoinToken(token).replace("us1.", "us1.!"), "cut off or mistyped"],
    ["over plain HTTP", encodeJoinToken({ ...token, apiUrl: "http://cloud.example.com" }), "cut off or mistyped"],
    ["far too long", `us1.${"A".repeat(5_000)}`, "far too long"],
  ])("%s: refused with the reason, and never with the secret", (_situation, text, reason) => {
    const decoded = decodeJoinToken(text);
    expect(decoded).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
    expect(JSON.stringify(decoded)).not.toContain(token.secret);
  });

  it("no text makes it throw", () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => !decodeJoinToken(`us1.${text}`).ok));
  });
});
