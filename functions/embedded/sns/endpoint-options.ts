import type { Logger } from "pino";
import { urlHost } from "./listening.ts";
import type { Credentials } from "./request-signature.ts";
import type { RetrySettings } from "./retry-schedule.ts";

export interface SnsEndpointOptions {
  /** Keys, topics, subscriptions and the delivery queue; made where it is missing. One process at a time. */
  readonly dataDir: string;
  readonly host: string;
  /** Of the API over HTTP; 0 lets the system choose, as for `tlsPort`. */
  readonly port: number;
  /** Of the same over HTTPS, where verifiers fetch the signing certificate. */
  readonly tlsPort: number;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** Calls signed with these are answered, others refused. */
  readonly credentials: Credentials;
  /** Name that SigningCertURL gives, at port 443: `sns.<region>.amazonaws.com` for verifiers that accept no other. Without it, `tlsUrl`. */
  readonly signingHost?: string;
  /** Where subscribers reach this endpoint: base of the confirm and unsubscribe links. Without it, `url`. */
  readonly publicUrl?: string;
  /** Networks beside the internet in which subscribers may be, as 192.0.2.0/24. */
  readonly subscriberNetworks?: readonly string[];
  /** Without it, subscriptions by e-mail are refused. */
  readonly smtpUrl?: string;
  readonly emailFrom?: string;
  /** Name of a message attribute: the same message published to a topic under the same value is answered with the first one's id, and sent to nobody again. */
  readonly deduplicateBy?: string;
  readonly retry?: RetrySettings;
  readonly log: Logger;
}

/** Throws, naming the option, where one cannot work. */
export function checkOptions(options: SnsEndpointOptions): void {
  if (options.publicUrl !== undefined && !/^https?:/.test(URL.parse(options.publicUrl)?.protocol ?? "")) {
    throw new Error(`publicUrl must look like http://alerts.example.com:4100, and is ${options.publicUrl}`);
  }
  if (!/^\d{12}$/.test(options.accountId)) throw new Error(`accountId must be twelve digits, and is ${options.accountId}`);
  if (!/^[a-z0-9-]{3,32}$/.test(options.region)) throw new Error(`region must look like eu-central-1, and is ${options.region}`);
  if (options.credentials.accessKeyId === "" || options.credentials.secretAccessKey === "") {
    throw new Error("credentials must not be empty: everybody could publish");
  }
}

/** Every name under which a subscriber may reach the TLS listener. */
export function tlsNames({ signingHost, region, host, publicUrl }: SnsEndpointOptions): readonly string[] {
  const names = [signingHost ?? `sns.${region}.amazonaws.com`, "localhost", "127.0.0.1", urlHost(host)];
  if (publicUrl !== undefined) names.push(new URL(publicUrl).hostname.replace(/^\[|\]$/g, ""));
  return [...new Set(names)];
}
