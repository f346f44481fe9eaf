import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { JSONWebKeySet } from "jose";
import { z } from "zod";
import { limits } from "../../shared/config/limits.ts";
import type { ClusterId } from "../../shared/domain/ids.ts";
import type { Licence } from "../../shared/domain/licensing/licence.ts";
import { type LicenceTerm, standingOf, termOf } from "../../shared/domain/licensing/licence-term.ts";
import { contradictions } from "../../shared/domain/licensing/licensed-roles.ts";
import { licencePayloadSchema } from "../../shared/protocol/licence-schema.ts";
import { signedTypes, verifySigned } from "../../shared/protocol/signatures.ts";
import { AgentError, reasonOf, systemErrorCode } from "../agent-error.ts";
import { writeDurably } from "../storage/durable-file.ts";

/** A licence of this folder that was believed: signed with a key of the enrolment, and of this cluster. */
export interface HeldLicence {
  readonly licence: Licence;
  readonly term: LicenceTerm;
  /** As it was signed. */
  readonly signed: string;
}

interface Believing {
  readonly clusterId: ClusterId;
  readonly keys: JSONWebKeySet;
}

const suffix = ".licence";

/**
 * The licences that were imported on this node, each in the file that was signed. For whoever looks: nothing that the agent runs reads them. Each file is checked anew
 * whenever it is read, so that one changed on the disk is told and not counted.
 */
export class LicenceFolder {
  readonly #path: string;
  readonly #believing: Believing;

  constructor(path: string, believing: Believing) {
    this.#path = path;
    this.#believing = believing;
  }

  async list(): Promise<{ readonly held: readonly HeldLicence[]; readonly refused: readonly { file: string; reason: string }[] }> {
    const files = (await this.#names()).filter((name) => name.endsWith(suffix)).toSorted();
    const held: HeldLicence[] = [];
    const refused: { file: string; reason: string }[] = [];
    for (const file of files) {
      const found = await this.#read(join(this.#path, file));
      if (typeof found === "string") refused.push({ file, reason: found });
      else held.push(found);
    }
    return { held, refused };
  }

  /** Takes the licence in a file; again is no matter. Throws `AgentError` ("licence-refused") with the reason, and nothing is changed. */
  async import(file: string, nowMs: number): Promise<HeldLicence> {
    const found = await this.#read(file);
    if (typeof found === "string") throw refusal(`The licence in ${file} was not taken: ${found}.`);
    const { licence, term } = found;
    if (standingOf(term, nowMs) === "lapsed")
      throw refusal(`Licence ${licence.licenceId} has lapsed: it was valid until ${licence.validUntil}.`);
    const others = (await this.list()).held.map((one) => one.term);
    const problems = contradictions(term, others, nowMs);
    if (problems.length > 0) throw refusal(`Licence ${licence.licenceId} says of servers what cannot hold: ${problems.join("; ")}.`);
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    await writeDurably(join(this.#path, `${licence.licenceId}${suffix}`), `${found.signed}\n`);
    return found;
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#path);
    } catch (error) {
      if (systemErrorCode(error) === "ENOENT") return [];
      throw error;
    }
  }

  /** The licence, or why it is none. */
  async #read(file: string): Promise<HeldLicence | string> {
    const text = await boundedText(file);
    if (text === null) return `it is larger than ${limits.licenceBytesMax} bytes`;
    const signed = text.trim();
    const verified = await verifySigned(signedTypes.licence, signed, this.#believing.keys);
    if (!verified.ok) return verified.reason;
    const parsed = licencePayloadSchema.safeParse(verified.payload);
    if (!parsed.success) return `its content is no licence: ${z.prettifyError(parsed.error).slice(0, 500)}`;
    const licence = parsed.data;
    if (licence.clusterId !== this.#believing.clusterId)
      return `it is of cluster ${licence.clusterId}, and this node belongs to ${this.#believing.clusterId}`;
    const instants = { validFromMs: Date.parse(licence.validFrom), validUntilMs: Date.parse(licence.validUntil) };
    return { licence, term: termOf(licence, instants), signed };
  }
}

async function boundedText(file: string): Promise<string | null> {
  try {
    return (await stat(file)).size > limits.licenceBytesMax ? null : await readFile(file, "utf8");
  } catch (error) {
    throw refusal(`The file ${file} cannot be read: ${reasonOf(error)}.`);
  }
}

function refusal(message: string): AgentError {
  return new AgentError(
    "licence-refused",
    message,
    "Take the file as it was issued for this cluster, whole and unchanged; nothing has stopped meanwhile.",
  );
}
