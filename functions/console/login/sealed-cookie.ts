import { parse, serialize } from "hono/utils/cookie";
import { EncryptJWT, type JWTPayload, jwtDecrypt } from "jose";

export interface CookieSettings {
  readonly name: string;
  readonly lifetimeSeconds: number;
  /** True wherever the console is served over HTTPS. */
  readonly secure: boolean;
}

/**
 * Content that the browser keeps for us and can neither read nor change: encrypted and authenticated (JWE, A256GCM), HttpOnly,
 * SameSite=Lax. The name is bound in, so that one cookie never passes for another.
 */
export class SealedCookie {
  readonly #key: Uint8Array;
  readonly #settings: CookieSettings;

  /** `key`: 32 random bytes. */
  constructor(key: Uint8Array, settings: CookieSettings) {
    if (key.byteLength !== 32) throw new RangeError(`a cookie key has 32 bytes, not ${key.byteLength}`);
    this.#key = key;
    this.#settings = settings;
  }

  /** A `Set-Cookie` value. */
  async seal(content: JWTPayload, nowMs: number): Promise<string> {
    const issued = Math.floor(nowMs / 1_000);
    const sealed = await new EncryptJWT(content)
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .setAudience(this.#settings.name)
      .setIssuedAt(issued)
      .setExpirationTime(issued + this.#settings.lifetimeSeconds)
      .encrypt(this.#key);
    return this.#setCookie(sealed, this.#settings.lifetimeSeconds);
  }

  /** Null for a cookie that is absent, expired, changed, or sealed with another key: all the same to a visitor, who logs in again. */
  async open(cookieHeader: string | undefined, nowMs: number): Promise<JWTPayload | null> {
    const sealed = parse(cookieHeader ?? "", this.#settings.name)[this.#settings.name];
    if (sealed === undefined) return null;
    try {
      const { payload } = await jwtDecrypt(sealed, this.#key, {
        audience: this.#settings.name,
        currentDate: new Date(nowMs),
        contentEncryptionAlgorithms: ["A256GCM"],
        keyManagementAlgorithms: ["dir"],
      });
      return payload;
    } catch {
      return null;
    }
  }

  /** A `Set-Cookie` value that makes the browser forget it. */
  clear(): string {
    return this.#setCookie("", 0);
  }

  #setCookie(value: string, maxAge: number): string {
    return serialize(this.#settings.name, value, { path: "/", httpOnly: true, sameSite: "Lax", secure: this.#settings.secure, maxAge });
  }
}
