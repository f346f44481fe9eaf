import { isIPv6 } from "node:net";
import type { GroupName } from "../../shared/domain/ids.ts";
import type { BalancerAnswer } from "../../shared/domain/membership/answer-resources.ts";
import type { ClusterDocument, ClusterNode, PriorityGroup } from "../../shared/domain/membership/cluster-document.ts";

/** What a load balancer has to know of one balancer answer of the cluster; `haproxyConfiguration` says it in HAProxy's words. */
export interface BalancedService {
  readonly name: string;
  readonly group: GroupName;
  readonly mode: BalancerAnswer["mode"];
  readonly listenPort: number;
  /** Where and what to ask each server: 200 means that requests may go there. */
  readonly check: { readonly port: number; readonly path: string };
  /** In the group's order. */
  readonly servers: readonly { readonly name: string; readonly host: string; readonly port: number }[];
}

/** From the signed document; the port of the checks is a setting of each node and taken to be the same on all. */
export function balancedServices(document: ClusterDocument, checkPort: number): readonly BalancedService[] {
  return document.groups.flatMap((group) =>
    group.resources.flatMap((resource) =>
      resource.kind === "balancer-answer" ? [balancedService(document, group, resource, checkPort)] : [],
    ),
  );
}

function balancedService(document: ClusterDocument, group: PriorityGroup, answer: BalancerAnswer, checkPort: number): BalancedService {
  const nodes = group.order.flatMap((nodeId) => document.nodes.find((node) => node.nodeId === nodeId) ?? []);
  const { name, mode, listenPort, servicePort } = answer;
  const check = { port: checkPort, path: `/groups/${group.name}` };
  const servers = nodes.map((node) => ({ name: serverName(node, nodes), host: node.host, port: servicePort }));
  return { name, group: group.name, mode, listenPort, check, servers };
}

/** Node names are for people; HAProxy takes letters, digits and `-_.:`. Where that makes two the same, the ids are told apart. */
function serverName(node: ClusterNode, nodes: readonly ClusterNode[]): string {
  return nodes.some((other) => other !== node && plainName(other) === plainName(node)) ? node.nodeId : plainName(node);
}

function plainName({ name }: ClusterNode): string {
  return name.replaceAll(/[^A-Za-z0-9_.-]/g, "-");
}

/**
 * Sections for an HAProxy 2.4 or later. One check in 200 ms, and in 100 ms as soon as one has failed: a server leaves with the
 * first 404, with the second failure in a row, and is taken in with the first 200.
 */
export function haproxyConfiguration(document: ClusterDocument, services: readonly BalancedService[]): string {
  const heading = [
    `# Cluster ${document.clusterId}, document version ${document.version}. Made by: understudy agent haproxy`,
    "# Make it again when a node or a balancer answer of the cluster has changed, and check it with: haproxy -c -f FILE",
  ];
  return `${[heading.join("\n"), ...services.map(sectionsOf)].join("\n\n")}\n`;
}

function sectionsOf({ name, group, mode, listenPort, check, servers }: BalancedService): string {
  return [
    `frontend understudy_${name}`,
    `    mode ${mode}`,
    `    bind :${listenPort}`,
    "    timeout client 1m",
    ...(mode === "http" ? ["    timeout http-request 10s"] : []),
    `    default_backend understudy_${name}`,
    "",
    `# Group ${group}: 200 operational, 404 let it finish what it has, anything else is down.`,
    `backend understudy_${name}`,
    `    mode ${mode}`,
    ...(mode === "http" ? ["    option forwardfor"] : []),
    "    option redispatch 1",
    "    retries 3",
    "    timeout connect 2s",
    "    timeout server 1m",
    "    timeout check 500ms",
    "    option httpchk",
    `    http-check send meth GET uri ${check.path}`,
    "    http-check expect status 200",
    "    http-check disable-on-404",
    `    default-server check port ${check.port} inter 200ms fastinter 100ms downinter 200ms rise 1 fall 2 on-marked-down shutdown-sessions`,
    ".if version_atleast(3.2)",
    "    # An older one tries servers before it has asked them: within its first 200 ms a request may be refused by a standby, and go to the next.",
    "    default-server init-state down",
    ".endif",
    ...servers.map((server) => `    server ${server.name} ${isIPv6(server.host) ? `[${server.host}]` : server.host}:${server.port}`),
  ].join("\n");
}
