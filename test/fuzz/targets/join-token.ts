import { decode, encode } from "cborg";
import { base64url } from "jose";
import type { ClusterId } from "../../../shared/domain/ids.ts";
import { decodeJoinToken, encodeJoinToken } from "../../../shared/protocol/join-token.ts";
import { bytesOf, type FuzzTarget, promise, sameAs, textOf } from "../fuzz-target.ts";

const prefix = "us1.";
const token = { apiUrl: "https://cloud.example.com:8443", secret: "s".repeat(43), clusterId: "clus_0123456789abcdefghij" as ClusterId };

export const joinToken: FuzzTarget = {
  name: "join-token",
  reads: "join tokens, as somebody pastes them",
  share: 20,
  seeds: [token, { ...token, apiCaSha256: "0f".repeat(32) }].map((one) => bytesOf(encodeJoinToken(one))),
  form: {
    read: (bytes) => decode(base64url.decode(textOf(bytes).slice(prefix.length))) as unknown,
    write: (value) => bytesOf(prefix + base64url.encode(encode(value, { ignoreUndefinedProperties: true }))),
  },
  execute: (input) => {
    const decoded = decodeJoinToken(textOf(input));
    if (!decoded.ok) {
      promise(!decoded.reason.includes(token.secret), "a reason tells the secret");
      return "refused";
    }
    promise(new URL(decoded.token.apiUrl).protocol === "https:", "a token leads to an unencrypted address");
    sameAs(decodeJoinToken(encodeJoinToken(decoded.token)), decoded, "a token");
    return "accepted";
  },
};
