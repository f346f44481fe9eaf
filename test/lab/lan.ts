/*
 * The addresses of the lab's networks. Every machine on one has an address of each family there, with the same number at its end: 10.77.0.11 and
 * fd77::11, on the second network 10.78.0.11 and fd78::11.
 */

const prefixLength = { 4: 24, 6: 64 } as const;

export function lanAddress(number: number): string {
  return `10.77.0.${number}`;
}

export function secondLanAddress(number: number): string {
  return `10.78.0.${number}`;
}

export function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

export function withPrefix(address: string): string {
  return `${address}/${prefixLength[familyOf(address)]}`;
}

/** The one of a machine's two addresses on a network that is of the same family as another address. `ofFour`: the one of IPv4. */
export function sameFamily(ofFour: string, other: string): string {
  return familyOf(other) === 4 ? ofFour : ofSix(ofFour);
}

/** The same machine's address of IPv6 on the same network. */
export function ofSix(ofFour: string): string {
  const [, network, , number] = ofFour.split(".");
  return `fd${network}::${number}`;
}
