import type { Judgement, PreflightCheck } from "./preflight-check.ts";
import type { AddressFact, NameFact, PortFact, ReachFact, VirtualAddressFact } from "./preflight-facts.ts";

/** Addresses, ports and names: how the other nodes and the control plane are reached. */
export const networkChecks: readonly PreflightCheck[] = [
  {
    id: "addresses",
    looksAt: "`listen.host` and every address in `listen.paths`, among the addresses of this server's interfaces",
    warns: "it is a loopback address, dynamic (DHCP, router advertisement), on an interface that is down, or, in `listen.paths`, not there",
    fails: "`listen.host` is no address of this server",
    nextStep: "Give the interface a static address, and name that in the setting.",
    judge: ({ addresses }) => addresses.map(judgeAddress),
  },
  {
    id: "virtual-addresses",
    looksAt:
      "for each virtual address of a group that this node may take, an interface with a static address in its subnet; once the node is enrolled",
    warns: null,
    fails: "this server has no such interface, or the address as its own: it could not hold the group",
    nextStep: "Give this server a static address in that subnet, with the same prefix length; or take the node out of the group's order.",
    judge: ({ virtualAddresses }) => virtualAddresses.map(judgeVirtualAddress),
  },
  {
    id: "ports",
    looksAt: "every port that the settings name, by listening there",
    warns: null,
    fails: "another process has it, the address is not this server's, or the agent's user may not listen there",
    nextStep: "Find the process that uses it (ss -lntup) and end it, or change the setting.",
    judge: ({ ports }) => ports.map(judgePort),
  },
  {
    id: "names",
    looksAt: "every host name in the settings, as this server resolves it",
    warns: "it does not resolve",
    fails: "one of `listen` does not resolve",
    nextStep: "Add the name to DNS or to /etc/hosts, or use the address.",
    judge: ({ names }) => names.map(judgeName),
  },
  {
    id: "other-nodes",
    looksAt:
      "the ports of every other node, for heartbeats and replication, by a TCP connection on each network that both are on; once the node is enrolled",
    warns: "one takes none within 3 s: a firewall is in the way, or that agent does not run",
    fails: null,
    nextStep:
      "See that the agent runs there (understudy agent status), and let both ports through in both directions: on that server's firewall, on this one's, and between them.",
    judge: ({ others }) => [...Map.groupBy(others, ({ nodeId }) => nodeId).values()].map(judgeOther),
  },
  {
    id: "control-plane",
    looksAt: "whether the control plane answers with the certificate that the join token, or the node's enrolment, names",
    warns: "it cannot be reached, or shows another certificate: joining says more; a node that has joined fails over without it",
    fails: null,
    nextStep: "Check the way to the internet (DNS, routing, firewall: outgoing TCP connections to that host), and what answers there.",
    judge: ({ controlPlane }) => {
      if (controlPlane === null) return [{ outcome: "ok", seen: "not asked" }];
      const { origin, answer } = controlPlane;
      // With a clock that is wrong no certificate can be judged: that has a check of its own.
      if (answer.kind === "answered" || answer.kind === "clock-wrong") return [{ outcome: "ok", seen: `${origin} answers` }];
      return [{ outcome: "warn", seen: answer.problem }];
    },
  },
];

function judgeAddress({ setting, host, isNeeded, found }: AddressFact): Judgement {
  const of = (outcome: Judgement["outcome"], seen: string): Judgement => ({ outcome, subject: setting, seen: `${host}: ${seen}` });
  if ("problem" in found) return of("warn", found.problem);
  if (found.value === null) return of(isNeeded ? "fail" : "warn", "no address of this server");
  const { interfaceName, address, isLoopback, isUsable, isDynamic } = found.value;
  if (isLoopback) return of("warn", `loopback on ${interfaceName}: no other server reaches it`);
  if (!isUsable) return of("warn", `the interface ${interfaceName} is down or has no neighbours`);
  if (isDynamic) return of("warn", `${address} on ${interfaceName} is dynamic: the others lose this node when it changes`);
  return of("ok", `static, ${address} on ${interfaceName}`);
}

function judgeVirtualAddress({ group, name, address, interfaceName }: VirtualAddressFact): Judgement {
  const subject = `${group}/${name}`;
  if ("problem" in interfaceName) return { outcome: "fail", subject, seen: `${address}: ${interfaceName.problem}` };
  return { outcome: "ok", subject, seen: `${address} fits on ${interfaceName.value}` };
}

function judgePort({ setting, where, state }: PortFact): Judgement {
  if (state === "free") return { outcome: "ok", subject: setting, seen: `${where} is free` };
  if (state === "agent") return { outcome: "ok", subject: setting, seen: `${where} is the running agent's` };
  return { outcome: "fail", subject: setting, seen: state.problem };
}

function judgeOther(ways: readonly ReachFact[]): Judgement {
  const subject = ways[0]?.name ?? "";
  const bad = ways.filter(({ problem }) => problem !== null);
  if (bad.length > 0) return { outcome: "warn", subject, seen: bad.map(({ where, problem }) => `${where} ${problem}`).join("; ") };
  return {
    outcome: "ok",
    subject,
    seen: `${ways.map(({ where }) => where).join(", ")} ${ways.length === 1 ? "takes" : "take"} connections`,
  };
}

function judgeName({ name, usedBy, isNeeded, addresses }: NameFact): Judgement {
  if ("value" in addresses) return { outcome: "ok", subject: usedBy, seen: `${name} is ${addresses.value.join(", ")}` };
  return { outcome: isNeeded ? "fail" : "warn", subject: usedBy, seen: `${name} does not resolve: ${addresses.problem}` };
}
