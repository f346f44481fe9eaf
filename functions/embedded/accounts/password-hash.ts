import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** OWASP's advice for scrypt: about 32 MiB and a tenth of a second for each guess. */
const cost = { N: 2 ** 15, r: 8, p: 3 } as const;
const keyBytes = 32;

/** `scrypt$N$r$p$salt$key`, the last two base64url: says by itself how it was made, so that the cost can grow later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

/** False for a wrong password; rejects where the stored hash itself is broken. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const match = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,64})\$([\w-]{43})$/.exec(hash);
  if (match === null) throw new Error("a stored password hash is unreadable: restore accounts.json from a backup");
  const [, N, r, p, salt = "", stored = ""] = match;
  const key = await derive(password, Buffer.from(salt, "base64url"), { N: Number(N), r: Number(r), p: Number(p) });
  return timingSafeEqual(key, Buffer.from(stored, "base64url"));
}

/** The same letters typed on another keyboard are the same password (NFKC). */
function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, keyBytes, { ...options, maxmem: 128 * 1_024 * 1_024 }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
