import { invalidParameter, QueryError } from "./query-error.ts";
import type { SubscriberNetworks } from "./subscriber-networks.ts";

export type SubscriptionProtocol = "http" | "https" | "email";

const endpointLengthMax = 2_048;

/** Errors: InvalidParameter, for a protocol that this endpoint does not deliver over. */
export function readProtocol(text: string, emailEnabled: boolean): SubscriptionProtocol {
  switch (text) {
    case "http":
    case "https":
      return text;
    case "email":
      if (emailEnabled) return text;
      throw invalidParameter("Protocol", "e-mail is not set up on this server: it was started without a mail server (--smtp-url)");
    default:
      throw new QueryError("InvalidParameter", `Invalid parameter: Does not support this protocol: ${text.slice(0, 32)}`);
  }
}

/** Checks a subscriber's address. Errors: InvalidParameter. */
export function checkEndpoint(protocol: SubscriptionProtocol, endpoint: string, networks: SubscriberNetworks): void {
  if (endpoint.length > endpointLengthMax) throw invalidParameter("Endpoint", `longer than ${endpointLengthMax} characters`);
  if (/[\p{Cc}\s]/u.test(endpoint)) throw invalidParameter("Endpoint", "must hold no spaces or control characters");
  if (protocol === "email") return checkAddress(endpoint);
  if (!URL.canParse(endpoint)) throw invalidParameter("Endpoint", "must be a URL");
  const url = new URL(endpoint);
  if (url.protocol !== `${protocol}:`) throw invalidParameter("Endpoint", `must match the specified protocol ${protocol}`);
  if (url.username !== "" || url.password !== "") throw invalidParameter("Endpoint", "must hold no user name or password");
  const problem = networks.problemOf(url);
  if (problem !== null) throw invalidParameter("Endpoint", problem);
}

function checkAddress(address: string): void {
  if (!/^[^@<>(),;:\\"[\]]{1,64}@[\p{L}\p{N}.-]{1,253}$/u.test(address)) throw invalidParameter("Endpoint", "must be an e-mail address");
}
