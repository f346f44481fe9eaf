import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { Stores } from "../store/stores.ts";
import { makeApiKey } from "../use-cases/api-keys.ts";
import { controlPlaneItself } from "../use-cases/audited.ts";
import type { DataDirectory } from "./data-directory.ts";
import { StartError } from "./start-error.ts";

const firstLoginSchema = z.object({ email: z.string(), password: z.string(), apiKey: z.string() });

export interface FirstLogin {
  readonly email: string;
  /** Of the account as it was first made: its owner may have changed it since. */
  readonly password: string;
  readonly apiKey: string;
  /** Where these are kept, readable for the owner of the data directory alone. */
  readonly path: string;
}

/** The owner's first sign-in, made at the first start. A person may delete the file's secrets, not the file. */
export async function ensureFirstLogin(directory: DataDirectory, stores: Stores, nowMs: () => number): Promise<FirstLogin> {
  const name = "first-login.json";
  const path = join(directory.path, name);
  const text = await directory.readOrCreate(name, async () => {
    const access = { role: "owner", customers: "all" } as const;
    const { secret: apiKey } = await makeApiKey({ stores, nowMs, actor: controlPlaneItself }, "the first start", {
      name: "first start",
      access,
      expiresAt: null,
    });
    return `${JSON.stringify({ email: "owner@understudy.local", password: randomBytes(15).toString("base64url"), apiKey }, null, 2)}\n`;
  });
  try {
    return { ...firstLoginSchema.parse(JSON.parse(text)), path };
  } catch (error) {
    throw new StartError(
      `${path} cannot be read as the first login. Put back what was written there, or begin with another --data-dir.`,
      error,
    );
  }
}
