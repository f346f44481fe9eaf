import { z } from "zod";
import type { Dependencies } from "../dependencies.ts";
import { makeApiKey } from "../use-cases/api-keys.ts";
import { Refusal } from "../use-cases/refusal.ts";
import { createUser } from "../use-cases/users.ts";

/** With an address: a person who signs in at the console. Without: an API key. */
const requestSchema = z.strictObject({ email: z.email().max(254).optional() });

const everything = { role: "owner", customers: "all" } as const;
const createdBy = "the first start";

/**
 * Makes the first owner of a new control plane, and no other: from then on it refuses. There is no route to it; whoever may invoke it in the account may call it. The answer
 * is the only place where the secret stands.
 */
export function firstOwnerHandler(dependencies: Dependencies) {
  return async (event: unknown) => {
    const { email } = requestSchema.parse(event);
    const { stores } = dependencies;
    if ((await stores.users.list()).length > 0 || (await stores.apiKeys.list()).length > 0) {
      const nextStep = "Let an owner let you in; where nobody can sign in any more, see RUNBOOK.md.";
      throw new Refusal("forbidden", "this control plane has an owner already", nextStep);
    }
    if (email === undefined) {
      const { secret: apiKey } = await makeApiKey(dependencies, createdBy, { name: "first start", access: everything, expiresAt: null });
      return { apiKey };
    }
    const granter = { name: createdBy, access: everything, expiresAt: null };
    const { password } = await createUser(dependencies, granter, { email, access: everything });
    return { email, password };
  };
}
