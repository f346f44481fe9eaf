import type { Access } from "../../shared/domain/access/access.ts";
import type { Dependencies } from "../dependencies.ts";
import type { CallerRates, Rates } from "../use-cases/rate-limit.ts";
import type { Refusal } from "../use-cases/refusal.ts";
import type { AskedFor, ListingRates } from "../use-cases/refused-requests.ts";

/** Who is calling, and what they may do. */
export interface Principal {
  readonly kind: "api-key" | "session";
  /** The key's id, or the person's: what stays the same when they are renamed. */
  readonly id: string;
  /** The key's name, or the person's e-mail address: for logs and lists. */
  readonly name: string;
  readonly access: Access;
  /** ISO 8601 UTC: of an API key that expires. */
  readonly expiresAt: string | null;
}

/** Somebody who is signed in at the console. */
export interface SignedIn {
  readonly userId: string;
  readonly email: string;
  readonly access: Access;
  /** Of this session alone, and secret. */
  readonly csrfToken: string;
}

/** Tells who is signed in at the console by the request's cookies; undefined: nobody. */
export type SessionCheck = (request: Request) => Promise<SignedIn | undefined>;

/** What the routes need: the use cases' dependencies, and the console's sign-in where there is one. */
export interface ApiDependencies extends Dependencies {
  readonly session?: SessionCheck;
  /** Those that are absent: as `defaultRates` of rate-limit.ts. */
  readonly rates?: Partial<Rates>;
  /** Of those who are signed in, where they are shared with other doors of the process. */
  readonly callerRates?: CallerRates;
  /** How many refused requests are listed in the audit log. */
  readonly listing?: ListingRates;
}

/** What every request carries through hono. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    /** Absent on public routes, and where nobody is signed in. */
    asked: AskedFor;
    /** Absent where nothing of the request was refused. */
    refused: Refusal;
    /** Absent on public routes. */
    principal: Principal;
    /** What the caller proved it with: the API key, or what only its session knows. */
    credential: string;
    /** The dependencies for whatever changes something: on behalf of who calls. */
    acting: Dependencies;
  };
}
