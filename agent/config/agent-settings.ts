import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import { compareDefaults, logDefaults } from "../../shared/config/replication.ts";
import { usualLifeDays } from "../../shared/domain/membership/certificate-life.ts";
import { mainPath } from "../../shared/domain/membership/lan-path.ts";
import {
  displayNameSchema,
  domainNameSchema,
  groupNameSchema,
  hostSchema,
  portSchema,
  slugSchema,
} from "../../shared/protocol/id-schemas.ts";
import { checkSettingsSchema } from "./check-settings.ts";
import { probeSettingsSchema } from "./probe-settings.ts";
import { absolutePath, argv, milliseconds } from "./setting-kinds.ts";
import { sharedDataSettingsSchema } from "./shared-data-settings.ts";
import { triggerSettingsSchema } from "./trigger-settings.ts";
import { trustSettingsSchema } from "./trust-settings.ts";

/**
 * Longest data directory, in bytes: a Unix socket inside it must fit the kernel's 108 bytes.
 */
const dataDirBytesMax = 80;

export const serviceSettingsSchema = z.strictObject({
  start: argv.describe(
    "Argv that starts the service, never read by a shell. A command that stays in the foreground is the service; one that ends with 0 has started it in the background.",
  ),
  stop: argv
    .optional()
    .describe(
      "Argv that stops the service. Without it: SIGTERM, then SIGKILL, to the whole process group. Needed by a service that runs where the agent cannot see it, as a unit of a system manager does.",
    ),
  health: argv
    .optional()
    .describe(
      "Argv that ends with 0 while the service is well. Without it a service counts as well while its process lives. Strongly advised.",
    ),
  workingDirectory: absolutePath.optional().describe("Directory in which the three commands run. Default: the data directory."),
  environment: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be a name of letters, digits and _"),
      z.string().max(limits.argvEntryLengthMax),
    )
    .default({})
    .describe("Added to the environment of the three commands, which else holds only PATH, HOME, USER, LANG and TZ of the agent."),
  startTimeoutMs: milliseconds({ min: 100, max: 600_000, byDefault: 10_000 }).describe(
    "A service that is not well this long after its start has failed, and another node takes over. Twice the slowest start seen is a good value.",
  ),
  stopTimeoutMs: milliseconds({ min: 0, max: 600_000, byDefault: 5_000 }).describe(
    "How long a service may take to end gently before SIGKILL. Where the lease ends earlier, the lease decides.",
  ),
  healthIntervalMs: milliseconds({ min: 100, max: 600_000, byDefault: 1_000 }).describe(
    "Pause between two health checks of a running service.",
  ),
  healthTimeoutMs: milliseconds({ min: 100, max: 60_000, byDefault: 2_000 }).describe(
    "A health command that takes longer is killed and counts as failed.",
  ),
  healthFailures: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe("So many failed checks in a row, and the group moves to another node. 1 reacts fastest, and to every hiccup."),
  retryAfterMs: milliseconds({ min: 1_000, max: 86_400_000, byDefault: 30_000 }).describe(
    "For how long a node whose service failed is not asked to run it again.",
  ),
});

const balancerSettingsSchema = z.strictObject({
  port: portSchema.describe(
    "TCP port, on `listen.host`, at which load balancers ask over HTTP: `/groups/NAME`, or `/` for the whole node. The same on every node. No login: let only the balancers reach it.",
  ),
  compatiblePath: z
    .string()
    .max(200)
    .regex(/^\/[\w./-]+$/, "must be a path of letters, digits and _ . / -, as /status")
    .optional()
    .describe("A path that is answered as `/` is, for balancers that ask at the one of an earlier product."),
});

/** By the path's name. */
function pathProblems(host: string, paths: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  const taken = new Set([host]);
  return Object.entries(paths).flatMap(([name, own]): (readonly [string, string])[] => {
    const isTaken = taken.has(own);
    taken.add(own);
    return [
      ...(name === mainPath ? [[name, "is the name of the path by listen.host: give this one another"] as const] : []),
      ...(isTaken ? [[name, `${own} is the address of another path already: each network has its own`] as const] : []),
    ];
  });
}

export const agentSettingsSchema = z.strictObject({
  name: displayNameSchema.describe("The node's name in the console; `join --name` overrides it."),
  dataDir: absolutePath
    .refine(
      (path) => Buffer.byteLength(path) <= dataDirBytesMax,
      `must be at most ${dataDirBytesMax} bytes long, so that sockets fit into it`,
    )
    .describe(
      "Where the agent keeps its key, trust store, outbox and replication logs. Only the agent's user may read it. Never on a network file system.",
    ),
  listen: z
    .strictObject({
      host: hostSchema.describe("Address of this node at which the others reach it. Never a name that moves with a group."),
      heartbeatPort: portSchema.default(7_400).describe("TCP port of heartbeats and leases (MQTT over mutual TLS)."),
      replicationPort: portSchema.default(7_401).describe("TCP port of replication (mutual TLS)."),
      paths: z
        .record(slugSchema, hostSchema)
        .refine((paths) => Object.keys(paths).length < limits.pathsPerNodeMax, `must be at most ${limits.pathsPerNodeMax - 1}`)
        .default({})
        .describe(
          `Up to ${limits.pathsPerNodeMax - 1} further networks on which the nodes reach each other, each with this node's address there, as \`lan-b: 198.51.100.11\`. The same names on every node. Everything is said on all of them, so losing one moves nothing.`,
        ),
    })
    .superRefine(({ host, paths }, context) => {
      for (const [name, message] of pathProblems(host, paths)) context.addIssue({ code: "custom", path: ["paths", name], message });
    }),
  services: z
    .record(slugSchema, serviceSettingsSchema)
    .default({})
    .describe(
      "What this node can run, by the name that a group's resource has in the cluster document. Commands stand only here, so the cloud cannot run code.",
    ),
  checks: z
    .record(
      groupNameSchema,
      z
        .record(slugSchema, checkSettingsSchema)
        .refine((checks) => Object.keys(checks).length <= limits.checksPerGroupMax, `must be at most ${limits.checksPerGroupMax}`),
    )
    .default({})
    .describe("What shows whether this node is fit for a group beyond its services' own health commands, by the group's name."),
  probes: z
    .record(slugSchema, probeSettingsSchema)
    .refine((probes) => Object.keys(probes).length <= limits.probesPerNodeMax, `must be at most ${limits.probesPerNodeMax}`)
    .default({})
    .describe(
      "Services that this node looks at on every node of the cluster, by names of your own. What it sees stands in its status, and decides about no group.",
    ),
  certificate: z
    .strictObject({
      lifeDays: z
        .int()
        .min(2)
        .max(825)
        .default(usualLifeDays)
        .describe(
          "For how many days a key and certificate of this node are good. It makes new ones by itself after two thirds of that; the last third is how long the control plane may be away before the node has to be enrolled again.",
        ),
    })
    .prefault({})
    .describe("By what the others know this node."),
  page: z
    .strictObject({
      port: portSchema.describe("TCP port, on 127.0.0.1 alone, of a page for a browser on this server. It shows, and changes nothing."),
    })
    .optional()
    .describe("What `understudy agent status` says, as a page. Left out: no port is opened."),
  dataSets: z
    .record(
      slugSchema,
      z.strictObject({
        path: absolutePath.describe("The application's SQLite file; of a data set of files, the folder in which its tree lies."),
      }),
    )
    .default({})
    .describe("Where the cluster's data sets lie on this node, by their name in the cluster document."),
  sharedData: z
    .record(slugSchema, sharedDataSettingsSchema)
    .refine((shared) => Object.keys(shared).length <= limits.dataSetsPerClusterMax, `must be at most ${limits.dataSetsPerClusterMax}`)
    .default({})
    .describe("How this node looks whether databases that all nodes use answer, by the names of the cluster's data sets of kind shared."),
  replication: z
    .strictObject({
      snapshotMegabitsPerSecondMax: z
        .int()
        .min(10)
        .max(100_000)
        .optional()
        .describe(
          "What this node sends at most, in Mbit/s and to all together, to nodes that take a copy of its data. Left out: as much as network and disk bear. Set it where the applications need the network more.",
        ),
      logDaysMax: z
        .int()
        .min(1)
        .max(365)
        .default(logDefaults.daysMax)
        .describe(
          "For how many days changes are kept for a member that is away. One that was away for longer takes a fresh copy by itself when it is back, and keeps what it alone has.",
        ),
      logChangesMax: z
        .int()
        .min(1_000)
        .max(100_000_000)
        .default(logDefaults.changesMax)
        .describe(
          "How many changes of a data set are kept at most for a member that is away. Each takes about as much of the disk as its row.",
        ),
      compare: z
        .strictObject({
          pauseSeconds: z
            .int()
            .min(1)
            .max(86_400)
            .default(compareDefaults.pauseSeconds)
            .describe("Pause after the rows were compared with one node, before they are with the next."),
          rowsPerSecondMax: z
            .int()
            .min(10)
            .max(1_000_000)
            .default(compareDefaults.rowsPerSecondMax)
            .describe(
              "So many rows are read a second at most, here and by who is compared with. A million rows take eight minutes by default.",
            ),
          repair: z
            .enum(["automatic", "by-command"])
            .default(compareDefaults.repair)
            .describe(
              "What becomes of rows that are wrong on this node: put right by themselves, or only by `understudy agent data repair`. What they were is kept in the conflict journal either way.",
            ),
        })
        .prefault({})
        .describe("How the rows of this node are compared with the other nodes', all the time."),
    })
    .prefault({})
    .describe("How this node takes part in replication."),
  records: z
    .strictObject({
      port: portSchema.describe(
        "TCP port, on 127.0.0.1 alone, at which applications on this server read and write the cluster's data sets of records.",
      ),
      tokenFile: absolutePath.describe(
        "File with the secret that they send along. Where there is none the agent makes one, for the owner and the group of its folder: let only the applications' group into that.",
      ),
    })
    .optional()
    .describe(
      "Local API of the data sets of records (`config` and `state`) for applications. Left out: no port is opened, and only the agent's own user gets at them.",
    ),
  sip: z
    .strictObject({
      port: portSchema.describe(
        "UDP and TCP port, on `listen.host`, at which a PBX asks with SIP OPTIONS. Not the one of the telephony service itself.",
      ),
    })
    .optional()
    .describe("Answers to the OPTIONS by which a PBX watches its trunks. Left out: no port is opened."),
  dns: z
    .strictObject({
      port: portSchema
        .default(53)
        .describe("UDP and TCP port at which resolvers ask. A delegation cannot name another one than 53. The same on every node."),
      addresses: z
        .array(z.union([z.ipv4(), z.ipv6()]))
        .min(1)
        .max(limits.dnsAddressesPerNodeMax)
        .optional()
        .describe("This node's own addresses at which it answers. Default: `listen.host` alone."),
    })
    .optional()
    .describe(
      "Answers to questions for the zones of `dns-answer` resources, which are delegated to the nodes. Left out: no port is opened.",
    ),
  tsigKeys: z
    .record(
      domainNameSchema,
      z.strictObject({
        secret: z
          .base64()
          .min(24)
          .max(344)
          .describe("HMAC-SHA256 secret in base64, as `tsig-keygen` prints it. Let only the agent's user read this file."),
      }),
    )
    .default({})
    .describe("Keys that sign changes of DNS records, by the name that the DNS server and the cluster document have for them."),
  triggers: triggerSettingsSchema
    .prefault({})
    .describe("What this node may do when a trigger of the cluster document occurs while it holds the trigger's group."),
  trust: trustSettingsSchema.prefault({}).describe("What this node believes of a signed cluster document without anybody here saying so."),
  balancer: balancerSettingsSchema.optional().describe("Answers to the checks of load balancers. Left out: no port is opened."),
});

export type ServiceSettings = z.infer<typeof serviceSettingsSchema>;
export type AgentSettings = z.infer<typeof agentSettingsSchema>;
