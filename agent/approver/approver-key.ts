import { chmod, readFile, writeFile } from "node:fs/promises";
import { type CryptoKey, exportJWK, generateKeyPair, importJWK } from "jose";
import { z } from "zod";
import type { ApproverKey } from "../../shared/domain/membership/approval.ts";
import { approverKeySchema } from "../../shared/protocol/approvals.ts";
import { signatureAlgorithm } from "../../shared/protocol/signatures.ts";
import { AgentError, reasonOf } from "../agent-error.ts";
import { parseJson } from "../storage/parse-json.ts";

const keyFileSchema = approverKeySchema.extend({ d: z.base64url().length(43) });

/** An approver's key as it lies in its file: it never leaves this machine. */
export interface ApproverKeyPair {
  readonly key: ApproverKey;
  readonly privateKey: CryptoKey;
}

/** Makes a key in a new file that its owner alone may read, and one with its public half beside it (`.pub`). Throws `AgentError` where there is one already. */
export async function makeApproverKey(path: string): Promise<ApproverKey> {
  const { privateKey } = await generateKeyPair(signatureAlgorithm, { extractable: true });
  const pair = keyFileSchema.parse(withoutMore(await exportJWK(privateKey)));
  const { d: _, ...key } = pair;
  await writeNew(path, pair, 0o600);
  await writeNew(`${path}.pub`, key, 0o644);
  return key;
}

async function writeNew(path: string, content: object, mode: number): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(content)}\n`, { flag: "wx", mode });
    await chmod(path, mode);
  } catch (error) {
    throw new AgentError(
      "approval-refused",
      `The key cannot be written: ${reasonOf(error)}.`,
      "Name a new file in a folder that you may write.",
    );
  }
}

/** Throws `AgentError` where the file is missing or is no key; its content is never told. */
export async function readApproverKey(path: string): Promise<ApproverKeyPair> {
  const { d, ...key } = await readAs(path, keyFileSchema);
  const privateKey = await importJWK({ ...key, d }, signatureAlgorithm);
  return { key, privateKey };
}

/** Of another approver: the file with the public half. */
export function readPublicKey(path: string): Promise<ApproverKey> {
  return readAs(path, approverKeySchema);
}

async function readAs<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.infer<Shape>> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new AgentError(
      "approval-refused",
      `${path} cannot be read: ${reasonOf(error)}.`,
      "Name the file that understudy approver make has written.",
    );
  });
  const parsed = shape.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new AgentError(
    "approval-refused",
    `${path} is not such a key.`,
    "Name the file that understudy approver make has written; or put it back from a backup.",
  );
}

function withoutMore({ kty, crv, x, y, d }: Readonly<Record<string, unknown>>): object {
  return { kty, crv, x, y, d };
}
