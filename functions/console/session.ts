import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type Access, atLeast, type Role } from "../../shared/domain/access/access.ts";
import type { User } from "../store/user-store.ts";
import { SealedCookie } from "./login/sealed-cookie.ts";

export interface Session {
  readonly userId: string;
  readonly email: string;
  /** As of this request: a change of it counts at once. */
  readonly access: Access;
  /** Every form carries it: a page of another origin cannot know it. */
  readonly csrfToken: string;
}

const sessionSchema = z.object({ userId: z.string().min(1), csrfToken: z.string().min(20), iat: z.number() });

/** A working day: longer, and a forgotten browser stays open for the next person. */
const lifetimeSeconds = 12 * 60 * 60;

export interface SessionsOptions {
  /** 32 bytes, the same after every restart. */
  readonly key: Uint8Array;
  readonly secure: boolean;
  readonly nowMs: () => number;
  readonly findUser: (userId: string) => Promise<User | undefined>;
}

/**
 * Who is logged in: the browser's cookie says who, the store what they may. So sessions survive a restart with the same key, and one ends by logging
 * out in its own browser, by its age, or with its user's removal or new password.
 */
export class Sessions {
  readonly #cookie: SealedCookie;
  readonly #nowMs: () => number;
  readonly #findUser: SessionsOptions["findUser"];

  constructor({ key, secure, nowMs, findUser }: SessionsOptions) {
    this.#cookie = new SealedCookie(key, { name: "understudy_session", lifetimeSeconds, secure });
    this.#nowMs = nowMs;
    this.#findUser = findUser;
  }

  /** Null where nobody is logged in. The API asks the same, with the request's `Cookie` header. */
  async readSession(cookieHeader: string | undefined): Promise<Session | null> {
    const found = sessionSchema.safeParse(await this.#cookie.open(cookieHeader, this.#nowMs()));
    if (!found.success) return null;
    const { userId, csrfToken, iat } = found.data;
    const user = await this.#findUser(userId);
    // The cookie knows whole seconds: one begun in the second of the reset was begun after it, for whoever logs in is slower than that.
    if (user === undefined || iat < Math.floor(Date.parse(user.sessionsFrom) / 1_000)) return null;
    return { userId, csrfToken, email: user.email, access: user.access };
  }

  /** A `Set-Cookie` value; null for somebody who has proven who they are, and is no user here. */
  async start(userId: string): Promise<string | null> {
    if ((await this.#findUser(userId)) === undefined) return null;
    return this.#cookie.seal({ userId, csrfToken: randomBytes(24).toString("base64url") }, this.#nowMs());
  }

  /** A `Set-Cookie` value. */
  end(): string {
    return this.#cookie.clear();
  }
}

/** Whether the pages offer what needs this role. What is sent all the same is held to page-access.ts. */
export function may({ access }: Session, role: Role): boolean {
  return atLeast(access.role, role);
}

/** The same for what is the whole provider's: new customers, licences. */
export function mayAsProvider({ access }: Session): boolean {
  return access.role === "owner" && access.customers === "all";
}
