import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { endProcess } from "../../demo/child-process.ts";
import { waitFor } from "../../demo/waiting.ts";
import type { Namespace } from "../namespace.ts";
import type { SipExchange } from "./sip-exchange.ts";
import { runSipp, type SippScenario, startSipp } from "./sipp.ts";

const answerPort = 5_066;
const registerPort = 5_067;
const callPort = 5_068;
const readyWithinMs = 5_000;
const registrationSeconds = 3_600;

export interface PhoneSite {
  /** The machine of phones and callers: none of the cluster's. */
  readonly namespace: Namespace;
  readonly address: string;
  /** The registrar's address and port. */
  readonly registrar: string;
  readonly folder: string;
}

/** Phones at one address and port, told apart by their users; and who calls them. They answer as long as they are switched on, and register only when told to. */
export class Phones {
  readonly #site: PhoneSite;
  readonly #answering: ChildProcess;
  #runs = 0;

  private constructor(site: PhoneSite, answering: ChildProcess) {
    this.#site = site;
    this.#answering = answering;
  }

  static async switchOn(site: PhoneSite): Promise<Phones> {
    mkdirSync(site.folder, { recursive: true });
    const answering = startSipp({ ...runOf(site, "answer", answerPort), name: `answer-${Date.now()}` });
    const phones = new Phones(site, answering);
    await waitFor("the phones to listen", readyWithinMs, () => isBound(answering, answerPort) || undefined, 10);
    return phones;
  }

  async register(users: readonly string[], perSecond: number): Promise<readonly SipExchange[]> {
    return this.#run("register", registerPort, users, perSecond, { contact_port: answerPort, expires: registrationSeconds });
  }

  async logOff(users: readonly string[], perSecond: number): Promise<readonly SipExchange[]> {
    return this.#run("register", registerPort, users, perSecond, { contact_port: answerPort, expires: 0 });
  }

  /** One call to each. */
  async call(users: readonly string[], perSecond: number): Promise<readonly SipExchange[]> {
    return this.#run("call", callPort, users, perSecond, {});
  }

  async switchOff(): Promise<void> {
    await endProcess(this.#answering);
  }

  async #run(scenario: SippScenario, port: number, users: readonly string[], perSecond: number, keys: Record<string, number>) {
    this.#runs += 1;
    const name = `${scenario}-${this.#runs}-${Date.now()}`;
    return runSipp({ ...runOf(this.#site, scenario, port), name, keys }, { users, perSecond });
  }
}

function runOf({ namespace, address, registrar, folder }: PhoneSite, scenario: SippScenario, port: number) {
  return { namespace, scenario, from: { address, port }, to: registrar, folder };
}

/** By the kernel's table of UDP sockets, as that process sees it. */
function isBound({ pid }: ChildProcess, port: number): boolean {
  const inHex = port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync(join("/proc", String(pid), "net/udp"), "utf8").includes(`:${inHex} `);
}
