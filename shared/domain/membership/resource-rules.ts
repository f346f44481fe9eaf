import type { ClusterDocument } from "./cluster-document.ts";
import type { DocumentProblem } from "./document-problem.ts";
import { hostAddressProblem, isSameAddress, parseIpAddress, parseSubnetAddress, type SubnetAddress } from "./ip-address.ts";
import type { Resource } from "./resource.ts";

interface PlacedResource<Kind extends Resource = Resource> {
  readonly path: string;
  readonly group: string;
  readonly resource: Kind;
}

/** What must hold for the resources of all groups together. */
export function resourceProblems(document: ClusterDocument): readonly DocumentProblem[] {
  const placed = document.groups.flatMap(({ name, resources }, groupIndex) =>
    resources.map((resource, index): PlacedResource => ({ path: `groups.${groupIndex}.resources.${index}`, group: name, resource })),
  );
  return [...sharedNameProblems(placed), ...addressProblems(document, placed)];
}

/** A resource is where its group is operational: in two groups it would be in two places. */
function sharedNameProblems(placed: readonly PlacedResource[]): readonly DocumentProblem[] {
  const holders = new Map<string, string>();
  return placed.flatMap(({ path, group, resource: { kind, name } }) => {
    const holder = holders.get(`${kind} ${name}`);
    holders.set(`${kind} ${name}`, group);
    if (holder === undefined) return [];
    return [
      { path, message: `${kind.replaceAll("-", " ")} ${name} is already a resource of group ${holder}: it may belong to one group only` },
    ];
  });
}

function addressProblems(document: ClusterDocument, placed: readonly PlacedResource[]): readonly DocumentProblem[] {
  const seen: (PlacedResource & { readonly address: SubnetAddress })[] = [];
  return placed.flatMap(({ path, group, resource }) => {
    if (resource.kind !== "address") return [];
    const problem = (message: string): DocumentProblem => ({ path: `${path}.address`, message: `${resource.address} ${message}` });
    const address = parseSubnetAddress(resource.address);
    if (address === null) return [problem("is not an address with its prefix length, as 192.0.2.10/24")];
    const unfit = hostAddressProblem(address);
    const other = seen.find((earlier) => isSameAddress(earlier.address, address));
    seen.push({ path, group, resource, address });
    const owner = document.nodes.find(({ host }) => {
      const own = parseIpAddress(host);
      return own !== null && isSameAddress(own, address);
    });
    return [
      ...(unfit === null ? [] : [problem(`cannot be a virtual address: ${unfit}`)]),
      ...(other === undefined
        ? []
        : [problem(`is already address ${other.resource.name} of group ${other.group}: it may belong to one group only`)]),
      ...(owner === undefined ? [] : [problem(`is the host of node ${owner.name}: a virtual address belongs to no node`)]),
    ];
  });
}
