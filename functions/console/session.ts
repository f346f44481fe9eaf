import { randomBytes } from "node:crypto";
import { z } from "zod";
import { SealedCookie } from "./login/sealed-cookie.ts";

/** `viewer` sees everything and changes nothing. */
export type Role = "administrator" | "viewer";

export interface Session {
  readonly userId: string;
  readonly email: string;
  readonly role: Role;
  /** Every form carries it: a page of another origin cannot know it. */
  readonly csrfToken: string;
}

const sessionSchema = z.object({
  userId: z.string().min(1),
  email: z.string(),
  role: z.enum(["administrator", "viewer"]),
  csrfToken: z.string().min(20),
});

/** A working day: longer, and a forgotten browser stays open for the next person. */
const lifetimeSeconds = 12 * 60 * 60;

/**
 * Who is logged in, as the browser's cookie says. Nothing is kept on the server, so sessions survive a restart with the same key; the
 * price is that one ends only by logging out in its own browser, by its age, or by a new key for all.
 */
export class Sessions {
  readonly #cookie: SealedCookie;
  readonly #nowMs: () => number;

  /** `key`: 32 bytes, the same after every restart. */
  constructor(options: { readonly key: Uint8Array; readonly secure: boolean; readonly nowMs: () => number }) {
    this.#cookie = new SealedCookie(options.key, { name: "understudy_session", lifetimeSeconds, secure: options.secure });
    this.#nowMs = options.nowMs;
  }

  /** Null where nobody is logged in. The API asks the same, with the request's `Cookie` header. */
  async readSession(cookieHeader: string | undefined): Promise<Session | null> {
    const found = sessionSchema.safeParse(await this.#cookie.open(cookieHeader, this.#nowMs()));
    return found.success ? found.data : null;
  }

  /** A `Set-Cookie` value. */
  async start(user: Omit<Session, "csrfToken">): Promise<string> {
    return this.#cookie.seal({ ...user, csrfToken: randomBytes(24).toString("base64url") }, this.#nowMs());
  }

  /** A `Set-Cookie` value. */
  end(): string {
    return this.#cookie.clear();
  }
}
