import { createHash, randomBytes, randomInt } from "node:crypto";
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

/** The same for the same text, of 20 letters and digits too: for what several may make at once that must be one thing. */
export function idFrom(prefix: "node", text: string): NodeId {
  let rest = BigInt(`0x${createHash("sha256").update(text).digest("hex")}`);
  const letters = Array.from({ length: 20 }, () => {
    const letter = alphabet[Number(rest % BigInt(alphabet.length))];
    rest /= BigInt(alphabet.length);
    return letter;
  });
  return `${prefix}_${letters.join("")}` as NodeId;
}

/** 256 bits for tokens and keys, base64url. */
export function randomSecret(): string {
  return randomBytes(32).toString("base64url");
}
