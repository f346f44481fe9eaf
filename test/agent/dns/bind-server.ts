import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess } from "../../demo/child-process.ts";
import { freePorts } from "../../demo/free-ports.ts";
import { waitFor } from "../../demo/waiting.ts";

const named = "/usr/sbin/named";
const tools = ["/usr/bin/dig", "/usr/bin/nsupdate"];

/** Why the tests with a real BIND cannot run here, or null. */
export const bindMissing: string | null = [named, ...tools].every((file) => existsSync(file))
  ? null
  : "needs BIND 9 with its tools, in Debian the packages bind9 and bind9-dnsutils";

export const tsigKey = { name: "phones-key", secret: "dW5kZXJzdHVkeS10ZXN0LXNlY3JldC0zMi1ieXRlcyE=" };
export const parentZone = "example.test";
/** Delegated by the parent zone; the key may change what is in it. */
export const zone = "ha.example.test";
export const domainName = "phones.ha.example.test";

/** What a test needs beyond a server for its own zones. */
export interface BindShape {
  /** Else one that is free. Resolving, it asks other servers at the same one. */
  readonly port?: number;
  /** Lines of the parent zone, as a delegation. */
  readonly parentLines?: string;
  /** Whether it resolves names for others, too. */
  readonly resolves?: boolean;
}

/** A real BIND on loopback with a configuration of its own, in the foreground. */
export class BindServer {
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | null = null;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  static async start({ port: wanted, parentLines = "", resolves = false }: BindShape = {}): Promise<BindServer> {
    const [port = 0] = wanted === undefined ? await freePorts(1) : [wanted];
    const folder = mkdtempSync(join(tmpdir(), "understudy-bind-"));
    writeFileSync(join(folder, "parent.zone"), parentFile(parentLines));
    writeFileSync(join(folder, "ha.zone"), zoneFile(zone, ""));
    writeFileSync(
      join(folder, "named.conf"),
      `options {
  directory "${folder}"; pid-file none; session-keyfile none; managed-keys-directory "${folder}";
  port ${port}; listen-on { 127.0.0.1; }; listen-on-v6 { none; };
  recursion ${resolves ? "yes" : "no"}; dnssec-validation no; notify no;
};
controls { };
key "${tsigKey.name}" { algorithm hmac-sha256; secret "${tsigKey.secret}"; };
key "reader-key" { algorithm hmac-sha256; secret "${tsigKey.secret}"; };
zone "${parentZone}" { type primary; file "parent.zone"; allow-update { none; }; };
zone "${zone}" { type primary; file "ha.zone"; update-policy { grant ${tsigKey.name} zonesub A AAAA TXT; }; };
`,
    );
    const server = new BindServer(port, folder);
    await server.resume();
    return server;
  }

  /** Starts it, again after `stop`, with the zone as it was. */
  async resume(): Promise<void> {
    this.#process = spawn(named, ["-g", "-c", join(this.#folder, "named.conf"), "-n", "1"], { stdio: ["ignore", "ignore", "ignore"] });
    await waitFor("BIND to answer", 20_000, () => (this.dig("SOA", zone) === "" ? undefined : true));
  }

  async stop(): Promise<void> {
    if (this.#process !== null) await endProcess(this.#process);
    this.#process = null;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What whoever asks it as a resolver gets, as `dig`. */
  resolve(type: string, name: string): string {
    return this.#dig(type, name, "+recurse");
  }

  /** What a query finds, each value on a line; nothing where there is nothing. */
  dig(type: string, name: string): string {
    return this.#dig(type, name, "+norecurse");
  }

  #dig(type: string, name: string, recursion: string): string {
    const args = ["@127.0.0.1", "-p", String(this.port), "+short", "+time=2", "+tries=1", recursion, name, type];
    try {
      return execFileSync("/usr/bin/dig", args, { encoding: "utf8" }).trim();
    } catch {
      // Nobody answers: the same as nothing for whoever waits for it.
      return "";
    }
  }

  /** Puts other lines into the parent zone, and reads it again. */
  async changeParent(lines: string): Promise<void> {
    writeFileSync(join(this.#folder, "parent.zone"), parentFile(lines));
    await this.stop();
    await this.resume();
  }

  /** Runs the lines through BIND's own tool. Throws with what it says where the server refuses. */
  nsupdate(lines: readonly string[]): void {
    const input = [
      `server 127.0.0.1 ${this.port}`,
      `zone ${zone}`,
      `key hmac-sha256:${tsigKey.name} ${tsigKey.secret}`,
      ...lines,
      "send",
      "",
    ];
    execFileSync("/usr/bin/nsupdate", [], { input: input.join("\n"), stdio: ["pipe", "pipe", "pipe"] });
  }
}

function parentFile(more: string): string {
  return zoneFile(parentZone, `${zone}. NS ns.${zone}.\nns.${zone}. A 127.0.0.1\n${more}`);
}

function zoneFile(name: string, more: string): string {
  return `$TTL 60\n${name}. SOA ns.${name}. admin.${name}. 1 60 60 3600 60\n${name}. NS ns.${name}.\nns.${name}. A 127.0.0.1\n${more}`;
}
