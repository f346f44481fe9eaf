import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { z } from "zod";
import { AccountError } from "./account-file.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

const secretsSchema = z.strictObject({
  schema: z.literal(1),
  /** Signs ID tokens; private. */
  signingKey: z.record(z.string(), z.unknown()),
  /** Signs the provider's own cookies. */
  cookieKey: z.string().min(40),
  /** Seals the console's sessions; 32 bytes, base64url. */
  sessionKey: z.string().length(43),
});

export interface ProviderSecrets {
  readonly signingKey: JWK;
  readonly cookieKey: string;
  readonly sessionKey: Uint8Array;
}

/** Made at the first start, and the same ever after: so whoever is logged in stays so over a restart. */
export async function loadProviderSecrets(path: string): Promise<ProviderSecrets> {
  const content = readPrivateFile(path);
  const secrets = content === null ? await newSecrets() : parse(content, path);
  if (content === null) writePrivateFile(path, JSON.stringify(secrets, null, 2));
  return {
    signingKey: secrets.signingKey,
    cookieKey: secrets.cookieKey,
    sessionKey: new Uint8Array(Buffer.from(secrets.sessionKey, "base64url")),
  };
}

async function newSecrets(): Promise<z.infer<typeof secretsSchema>> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const signingKey = { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: randomBytes(9).toString("base64url") };
  return { schema: 1, signingKey, cookieKey: randomBytes(32).toString("base64url"), sessionKey: randomBytes(32).toString("base64url") };
}

function parse(content: string, path: string): z.infer<typeof secretsSchema> {
  try {
    return secretsSchema.parse(JSON.parse(content));
  } catch {
    // The cause would quote the file, which is all secrets.
    throw new AccountError(`${path} is damaged: remove it, and everybody has to log in once more`);
  }
}
