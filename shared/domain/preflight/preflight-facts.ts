import type { NodeId, PathName } from "../ids.ts";

/** What was read, or why it could not be. */
export type Seen<Value> = { readonly value: Value } | { readonly problem: string };

/** Everything that one look at a server has found. The agent gathers it (agent/preflight); nothing is judged there. */
export interface PreflightFacts {
  readonly system: SystemFacts;
  readonly addresses: readonly AddressFact[];
  /** Of the groups that this node may take; none before it has a cluster document. */
  readonly virtualAddresses: readonly VirtualAddressFact[];
  readonly ports: readonly PortFact[];
  readonly names: readonly NameFact[];
  /** Of the other members of its cluster; none before it has a cluster document. */
  readonly others: readonly ReachFact[];
  /** Null: it was not asked. */
  readonly controlPlane: ControlPlaneFact | null;
  readonly timeSource: Seen<TimeSource>;
  /** The agent's directory: whether it is there already; a problem where the agent cannot write there. */
  readonly dataDirectory: Seen<{ readonly path: string; readonly isThere: boolean }>;
  readonly disks: readonly DiskFact[];
  readonly databases: readonly DatabaseFact[];
  readonly tools: readonly ToolFact[];
  /** That the kernel takes the rules which guard a virtual address: `nft` has tried them, and changed nothing. */
  readonly addressGate: Seen<string>;
  /** Capabilities of the process that has looked, as `CAP_NET_ADMIN`. */
  readonly capabilities: Seen<readonly string[]>;
}

export interface SystemFacts {
  /** As `uname -s` and `uname -r` say it. */
  readonly os: string;
  readonly kernel: string;
  /** As `24.1.0`. */
  readonly node: string;
  readonly sqlite: string;
  readonly agent: string;
  readonly processors: number;
  /** Of the machine, or of the control group that the agent is in where that allows less. */
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number };
}

/** One of this node's own addresses, as the settings have it. */
export interface AddressFact {
  readonly setting: string;
  readonly host: string;
  /** Without it the agent does not start. */
  readonly isNeeded: boolean;
  /** Null: this server has no such address. */
  readonly found: Seen<OwnAddress | null>;
}

export interface OwnAddress {
  readonly interfaceName: string;
  /** With its prefix length. */
  readonly address: string;
  readonly isLoopback: boolean;
  /** Up, and with neighbours. */
  readonly isUsable: boolean;
  /** Given for a time, by DHCP or router advertisement. */
  readonly isDynamic: boolean;
}

export interface VirtualAddressFact {
  readonly group: string;
  readonly name: string;
  readonly address: string;
  /** The interface that it would be set on. */
  readonly interfaceName: Seen<string>;
}

export interface PortFact {
  readonly setting: string;
  /** As `192.0.2.1:7400 (TCP)`. */
  readonly where: string;
  /** `agent`: the agent that runs on this server listens there. */
  readonly state: "free" | "agent" | { readonly problem: string };
}

export interface NameFact {
  readonly name: string;
  /** The setting that has it. */
  readonly usedBy: string;
  /** Without it the agent does not start. */
  readonly isNeeded: boolean;
  readonly addresses: Seen<readonly string[]>;
}

/** Which of a member's two ports: a witness has the first alone. */
export type MemberPort = "heartbeat" | "replication";

/** Whether a port of another member takes a TCP connection from this server, on one of the ways to it. */
export interface ReachFact {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly path: PathName;
  readonly port: MemberPort;
  /** As `192.0.2.12:7400`. */
  readonly where: string;
  /** Why not, in a few words; null: it does. */
  readonly problem: string | null;
}

export interface ControlPlaneFact {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly answer:
    | {
        readonly kind: "answered";
        /** By so much its clock is ahead of this server's at least, in milliseconds, negative: behind. It tells whole seconds, so 0 says that nothing is known against either. */
        readonly clockAheadMs: number;
      }
    | { readonly kind: "clock-wrong" | "unreachable" | "untrusted"; readonly problem: string };
}

/** What keeps this server's clock right. */
export interface TimeSource {
  readonly program: string;
  readonly isSynchronised: boolean;
  /** From whom it takes the time, and how far it is off, where it says so. */
  readonly detail: string;
  /** All from whom it may take it, by address or name; empty where it does not say so. */
  readonly sources: readonly string[];
}

export interface DiskFact {
  /** The setting that has the path. */
  readonly setting: string;
  readonly path: string;
  readonly seen: Seen<{ readonly fileSystem: string; readonly mountPoint: string; readonly freeBytes: number }>;
  /** The application's database that lies there already; 0 where there is none. */
  readonly databaseBytes: number;
}

export interface DatabaseFact {
  readonly dataSet: string;
  readonly path: string;
  readonly found:
    | { readonly kind: "none"; readonly hasFolder: boolean }
    /** For a data set of files. */
    | { readonly kind: "folder" }
    /** Another process has locked it for longer than a moment. */
    | { readonly kind: "busy" }
    | { readonly kind: "unreadable"; readonly problem: string }
    | {
        readonly kind: "database";
        /** Those that can be replicated. */
        readonly tables: number;
        /** One sentence for each table that cannot be. */
        readonly problems: readonly string[];
        /** The cluster document says which tables are `local`: what is left over is a fault. */
        readonly isDeclared: boolean;
      };
}

export interface ToolFact {
  readonly tool: string;
  /** Of Debian. */
  readonly package: string;
  /** What is not there, or not as well, without it. */
  readonly costs: string;
  readonly isThere: boolean;
}
