import { randomBytes, randomInt } from "node:crypto";
import type { ClusterId, CustomerId, NodeId } from "../../shared/domain/ids.ts";

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

interface IdOf {
  cust: CustomerId;
  clus: ClusterId;
  node: NodeId;
  lic: string;
  key: string;
}

/** A prefix that tells the kind and 20 letters and digits: 103 bits of chance, so that no id is ever met twice. */
export function randomId<Prefix extends keyof IdOf>(prefix: Prefix): IdOf[Prefix] {
  const letters = Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)]).join("");
  return `${prefix}_${letters}` as IdOf[Prefix];
}

/** 256 bits for tokens and keys, base64url. */
export function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}
