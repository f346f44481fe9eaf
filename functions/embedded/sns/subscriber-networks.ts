import { type LookupAddress, lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { isPublicAddress, unmapped } from "../../../shared/domain/membership/address-scope.ts";
import {
  type IpAddress,
  isInSubnet,
  parseIpAddress,
  parseSubnetAddress,
  type SubnetAddress,
} from "../../../shared/domain/membership/ip-address.ts";

/** Asks for all addresses of a name, as `dns.lookup` does. */
export type ResolveAll = (
  hostname: string,
  done: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** So that a subscriber is no way to speak SMTP, DNS or SSH in this server's name. */
const firstFreePort = 1_024;
const webPorts: ReadonlySet<number> = new Set([80, 443]);
const howToAllow = "if that is wanted, start the control plane with --subscriber-network";

/**
 * Where messages to subscribers may go: the internet, and the networks that whoever runs the control plane has named. A user who may subscribe shall
 * not get this server to connect to what only this server reaches: its own loopback, its cloud's metadata, the machines beside it.
 */
export class SubscriberNetworks {
  readonly #networks: readonly SubnetAddress[];
  readonly #resolveAll: ResolveAll;

  /** `networks`: as 192.0.2.0/24, beside the internet. Throws at one that is none. */
  constructor(networks: readonly string[], resolveAll: ResolveAll = askSystem) {
    this.#networks = networks.map((text) => {
      const network = parseSubnetAddress(text);
      if (network === null) throw new Error(`${text} is no network, as 192.0.2.0/24 or 2001:db8::/32`);
      return network;
    });
    this.#resolveAll = resolveAll;
  }

  /** Why nothing is sent to this URL, as far as the URL itself tells, or null. A name is looked at when it is connected to. */
  problemOf(url: URL): string | null {
    const address = parseIpAddress(url.hostname.replace(/^\[(.*)\]$/, "$1"));
    if (address !== null && this.#isNamed(address)) return null;
    if (address !== null && !isPublicAddress(address)) return forbidden(url.hostname);
    const port = url.port === "" ? null : Number(url.port);
    if (port === null || port >= firstFreePort || webPorts.has(port)) return null;
    return `port ${port} is none of a web server: 80, 443 or above 1023`;
  }

  /**
   * For a connection: gives only addresses that are allowed, and fails where a name has none. What was checked is what is connected to, so a name that
   * leads elsewhere the next moment gains nothing.
   */
  readonly lookup: LookupFunction = (hostname, options, done) => {
    this.#resolveAll(hostname, (error, addresses) => {
      if (error !== null) return done(error, "", 0);
      const allowed = addresses.filter(
        ({ address, family }) =>
          this.#isAllowed(address) && (!options.family || options.family === family || options.family === `IPv${family}`),
      );
      const [first] = allowed;
      if (first === undefined) return done(new Error(forbidden(addresses.map(({ address }) => address).join(", "))), "", 0);
      if (options.all === true) done(null, [...allowed]);
      else done(null, first.address, first.family);
    });
  };

  #isAllowed(text: string): boolean {
    const address = parseIpAddress(text.replace(/%.*$/, ""));
    return address !== null && (isPublicAddress(address) || this.#isNamed(address));
  }

  #isNamed(address: IpAddress): boolean {
    return this.#networks.some((network) => isInSubnet(unmapped(address), network));
  }
}

function askSystem(hostname: string, done: Parameters<ResolveAll>[1]): void {
  systemLookup(hostname, { all: true }, done);
}

function forbidden(where: string): string {
  return `${where} is not on the internet: ${howToAllow}`;
}
