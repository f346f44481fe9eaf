/** A test by its file and the words of its name, as they stand in the source. */
export type TestName = readonly [file: string, name: string];

export interface SecurityRule {
  readonly id: string;
  readonly rule: string;
  readonly how: string;
  readonly tests: readonly TestName[];
  /** What of the rule does not hold yet. */
  readonly notMet?: string;
}

const broker = "test/functions/embedded/aedes-cloud-broker.test.ts";
const lan = "test/agent/link/aedes-broker.test.ts";
const access = "test/functions/api/access-matrix.test.ts";
const certificates = "test/functions/use-cases/node-certificates.test.ts";
const change = "test/agent/link/certificate-change.test.ts";
const evil = "test/security/evil-cloud.test.ts";

/** What must hold, how it is kept, and the tests that would show it false. */
export const securityRules: readonly SecurityRule[] = [
  {
    id: "S1",
    rule: "No remote shell, no script, no file is pushed",
    how: "The kinds of resources and actions are closed; commands stand in each node's own settings, by name, and run by argv. Programs are started in six files only, each with what it may start",
    tests: [
      ["test/security/started-programs.test.ts", "programs are started in the files that are named here, and in no other"],
      ["test/security/started-programs.test.ts", "no text becomes code: no shell, no eval, no vm, no module by a name that is made up"],
      [evil, "$what: $verdict"],
    ],
  },
  {
    id: "S2",
    rule: "Every command is signed, and bound to customer, cluster and version",
    how: "There is one command, the cluster document (JWS, ES256): its type, customer, cluster and a version that only grows are checked before anything of it is believed. Where a cluster has an approver, everything dangerous in it takes that key's signature, too ([how](../agent/README.md#an-approver))",
    tests: [
      [
        "test/shared/protocol/signatures.test.ts",
        "a changed payload, a foreign key, no algorithm, a key inside the JWS, and nonsense are refused",
      ],
      ["test/agent/cloud/trust-store.test.ts", "%s is refused with its reason, and the one in force stays"],
      [evil, "any byte of a signed document changed: no other content is taken than what was signed"],
      ["test/shared/protocol/approvals.test.ts", "refused: %s"],
      ["test/shared/protocol/approvals.test.ts", "every part that a document may have is guarded, or stands here"],
      [
        "test/functions/use-cases/approvals.test.ts",
        "services changed: the node goes on with what it has, the approver reads what is new, signs, and the node takes it",
      ],
    ],
    notMet:
      "the second key is off until somebody makes one, since each dangerous change then takes a person; it is one key, not some of several. A disk that was put back to an earlier time takes once more what was signed since, until a peer tells of the newest",
  },
  {
    id: "S3",
    rule: "Mutual TLS with a key that is made on the node, on the LAN too",
    how: "TLS 1.3 between nodes, 1.2 or newer to the cloud; who somebody is, is the fingerprint of the certificate in the signed document",
    tests: [
      ["test/security/listener-matrix.test.ts", "$listener, $intruder: not let in"],
      [lan, "a broker with another certificate than the document's gets nothing"],
      ["test/agent/link/identity.test.ts", "is made once and read again, with a key that only its owner may read"],
    ],
    notMet:
      "on the LAN a certificate that the document names counts after its end, too: the document is what is trusted, and a cluster shall not stop because the cloud was away",
  },
  {
    id: "S4",
    rule: "A join token is used once, soon, for one cluster; set-up ends with the set-up",
    how: "256 bits, 15 minutes, stored as a hash; of any number of callers one wins; one that gives a node another certificate is good for that very node. There is no set-up route at all: the first login is a file on the server",
    tests: [
      ["test/functions/use-cases/enrol-node.test.ts", "100 servers with one token at once: exactly one node is enrolled"],
      ["test/functions/use-cases/enrol-node.test.ts", "the store holds no secret: only the hash finds the token"],
      [certificates, "its certificate expires, is told of and refused; it comes back with a token that was made for it, as the same node"],
      ["test/security/set-up-routes.test.ts", "no spelling of a set-up path leads anywhere, at no listener"],
      ["test/security/set-up-routes.test.ts", "100 joins at once with one token, over TLS: one node, and 99 refusals"],
    ],
  },
  {
    id: "S5",
    rule: "One customer learns nothing of another's",
    how: "What is another's is as unknown as what never was; each customer's data have keys of their own. Behind the check at the door every request has the stores as far as its caller may see: neither knows of the other",
    tests: [
      ["test/functions/embedded/tenant-isolation.test.ts", "%s: shows nothing of the other, and changes nothing there"],
      [access, "another customer's callers learn nothing: what is ours is as unknown as what never was, whatever their role"],
      ["test/functions/api/second-line.test.ts", "%s: nothing of ours is shown, nothing is changed"],
      ["test/functions/console/second-line.test.ts", "%s: shows nothing of ours, and changes nothing"],
    ],
    notMet:
      "both lines are this program's: in AWS a function's own credentials reach the whole table, with no session policy for each customer. Requests of nodes have the first line alone, their certificate and their cluster's id",
  },
  {
    id: "S6",
    rule: "Roles, deny by default, and nobody gives more than he has",
    how: "Each route declares what it asks of its caller; one that declares nothing is there for nobody",
    tests: [
      [access, "no route of the OpenAPI document is without a sample, and no sample without its route"],
      [access, "whoever is let in gets what the route is for; everybody else is refused with 401, 403 or 404"],
      ["test/shared/domain/access/access.test.ts", "no chain of grants leads to more than its beginning had"],
    ],
  },
  {
    id: "S7",
    rule: "MQTT: exact topics by certificate, no wildcards, no wills, bounded packets",
    how: "Rights follow from the certificate alone; whoever tries another topic is disconnected",
    tests: [
      ["test/contracts/mqtt-profile.test.ts", "the embedded broker allows exactly what the profile says"],
      ["test/contracts/mqtt-profile.test.ts", "%s publishes what the rules say, and is disconnected for anything else"],
      [lan, "a peer that %s is disconnected, and nothing of it is heard"],
    ],
  },
  {
    id: "S8",
    rule: "An unauthenticated neighbour moves nothing",
    how: "Heartbeats and leases come over mutual TLS alone; a stranger who takes an address is told, and the holder of the lease keeps it",
    tests: [
      ["test/security/listener-matrix.test.ts", "$listener, $intruder: not let in"],
      [lan, "the certificate of a node of another cluster: refused"],
    ],
  },
  {
    id: "S9",
    rule: "What is said again has no effect",
    how: "Every message carries its sender's incarnation and number; a grant counts from its request",
    tests: [
      [
        "test/shared/domain/failover/idempotency.test.ts",
        "said again later, and out of order, never lengthen a promise, nor give one twice under the same number",
      ],
      ["test/shared/domain/failover/idempotency.test.ts", "a grant said again, or late, counts once, and from the request"],
    ],
  },
  {
    id: "S10",
    rule: "Certificates can be changed, and a lost node is out at once",
    how: "A node makes itself another key in time, and signs for it with the one before; both count until everybody knows the new one. A document without the node, or without the certificate that it shows, closes its connections, here and at the cloud",
    tests: [
      [change, "%s: no connection is told closed, nobody is refused for good, and both are heard all the time"],
      [change, "the certificate before is nobody's once the next one alone is named: whoever shows it is refused"],
      [change, "removed: the other one closes its connections in the moment in which it has the document, and takes it back no more"],
      ["test/agent/cloud/vouched-certificate.test.ts", "%s: refused, of one member as of all"],
      [certificates, "takes the present one's place when the node shows it and everybody knows it, an hour later at the earliest"],
      ["test/agent/replication/closed-streams.test.ts", "%s: its streams end with the document, and it opens none any more"],
      [lan, "a node that a new document no longer names is disconnected at once, and stays out"],
      [broker, "a removed node is disconnected with the new document, and stays out"],
    ],
    notMet:
      "the listeners go by the document alone: revocation comes with the newest one, which a node that is cut off from everybody does not have yet",
  },
  {
    id: "S11",
    rule: "A webhook is no way into a network",
    how: "The control plane connects to the internet and to networks that its operator has named; the address that was checked is the one that is connected to; no redirects. Agents send webhooks to hosts of their own settings alone",
    tests: [
      [
        "test/functions/embedded/sns/subscriber-networks.test.ts",
        "over 200 spellings of what is not the internet: none is taken as a subscriber's address but names, and no connection is made",
      ],
      ["test/functions/embedded/sns/subscriber-networks.test.ts", "what stands in the queue already is sent to none of them either"],
      [
        "test/functions/embedded/sns/subscriber-networks.test.ts",
        "a name that leads elsewhere the next moment: what was checked is what is connected to",
      ],
      ["test/functions/embedded/sns/subscriber-networks.test.ts", "an agent sends a webhook to none of them"],
    ],
  },
  {
    id: "S12",
    rule: "Every text from outside is hostile",
    how: "Names are letters, digits and few signs; whatever else is shown is escaped where it comes out, and the console's pages may run nothing that was not served as a file",
    tests: [
      ["test/security/hostile-texts.test.ts", "$output: nothing of 500 hostile texts is obeyed"],
      ["test/browser/hostile-texts.test.ts", "500 hostile texts on the console's pages: nothing runs, nothing is asked for, no row breaks"],
    ],
  },
  {
    id: "S13",
    rule: "Rates and quotas: one customer does not slow another down",
    how: "Each key and person has a rate of its own, all callers of one customer one together, over the API and in the console, and each address that is not signed in one",
    tests: [
      ["test/functions/use-cases/rate-limit.test.ts", "a burst, then as many a second as the rate says, each caller for itself"],
      [
        "test/security/busy-tenant.test.ts",
        "one caller at a hundred times his rate: he is refused, and every request of another is answered",
      ],
      [
        "test/security/busy-tenant.test.ts",
        "fifty keys of one customer, each within its own rate: together they have the customer's share, and every request of another is answered",
      ],
      [
        "test/security/busy-tenant.test.ts",
        "keys with any choice of two customers have the shares of the two, and the provider's own one for all of them",
      ],
    ],
    notMet:
      "in AWS each instance of a function counts for itself, and answers one request at a time, so that what takes more than 3.3 ms never comes to the 300 a second of a share: shares bind in the embedded control plane alone, and the 500 requests a second that API Gateway lets in are everybody's together: one customer with many keys can use them up; how much another customer's 99th percentile changes is not measured there. Events and reports of nodes have no share by customer, only sizes and counts by message",
  },
  {
    id: "S14",
    rule: "An audit log that only grows, has what was refused, and tells what was changed in it",
    how: "Every change is written before it is made, everything that is refused to somebody who is signed in before it is answered, in the log of the caller's own customer and bounded for each; every entry carries the hash of the one before it",
    tests: [
      [
        access,
        "whoever is signed in and refused has left exactly one entry, in the log of their own customer or of the provider; nobody else has",
      ],
      [
        "test/functions/console/page-access.test.ts",
        "every page and form that is refused to somebody who is logged in leaves exactly one entry in their own customer's log, and no other does",
      ],
      [
        "test/functions/api/refused-requests.test.ts",
        "one caller leaves so many and then so many a minute; the next entry says how many had none",
      ],
      [access, "whatever was changed stands in the audit log, under the name of who changed it"],
      ["test/functions/store/audit-chain.test.ts", "an entry written anew with its own hash: its successor tells"],
      ["test/functions/use-cases/audit-log.test.ts", "what cannot be logged is not done"],
    ],
    notMet: "whoever can write the whole table can write a whole new chain: nothing keeps the newest hash elsewhere by itself",
  },
  {
    id: "S15",
    rule: "The supply chain: pinned, without install scripts",
    how: "Exact versions, a lockfile, install scripts refused by name; each package that is asked for has its reason, and what really is in the agent and in the functions is told with its hash (CycloneDX). Built in two folders both have the same bytes",
    tests: [
      ["test/tidy.test.ts", "dependencies are pinned exactly, and the lockfile names no registry"],
      ["test/infra/dependencies.test.ts", "each package that is asked for has its reason"],
      ["test/infra/dependencies.test.ts", "what is said to be in it is what its bundle has of them"],
      [
        "test/infra/function-bundles.test.ts",
        "the same sources in another folder give the same bytes, of every file and of the bill of materials",
      ],
      ["test/system/agent-package.test.ts", "the same sources in another folder give the same bytes, and the same bill of materials"],
    ],
    notMet:
      "no update metadata by a second key, and no rings. How old a version is stands in no lockfile and is not looked at by a test: `npm ci --min-release-age=7` asks the registry, and on 2026-11-22 ended at one that was younger than seven days. Two folders are not two builders: compiler and packages are the same ones",
  },
  {
    id: "S16",
    rule: "The worst that a whole compromised control plane can do is known",
    how: "[The evil cloud](#the-evil-cloud), below",
    tests: [
      [evil, "$what: $verdict"],
      [evil, "no approver, another one, another's signature, an earlier approval: each waits; what waited is in force once it is approved"],
      [evil, "what waits is taken at an operator's word, by its version, and then remembered"],
      [evil, "a storm: what waited for room is taken by itself, and a thousand refusals are one event"],
      [
        "test/system/agent-trust.test.ts",
        "signed, and with a node on the internet: the other agents go on as before until somebody there has said yes",
      ],
      [
        "test/security/evil-broker.test.ts",
        "without the key, over MQTT: nothing is believed, what is told of it is bounded, and no packet larger than a document is read",
      ],
    ],
    notMet:
      "without an approver, as by default, the key that signs lies with the control plane alone: with it an attacker can stop services. With one he can choose among the nodes that may run a group, and give the control plane's vote twice where it is the witness",
  },
];
