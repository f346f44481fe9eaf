import type { ClusterId } from "../../shared/domain/ids.ts";
import type { MemberRole } from "../../shared/domain/membership/members.ts";
import { encodeJoinToken } from "../../shared/protocol/join-token.ts";
import type { Dependencies } from "../dependencies.ts";
import { secretHash } from "../store/table-keys.ts";
import { audited } from "./audited.ts";
import { clusterOrRefuse } from "./find-or-refuse.ts";
import { randomSecret } from "./random-id.ts";

/** A token enrols one node, or the witness, once, in the next minutes. The secret is told here and kept nowhere: the store gets its hash. */
export async function createJoinToken(
  dependencies: Dependencies,
  clusterId: ClusterId,
  request: { readonly role: MemberRole; readonly lifetimeSeconds: number },
): Promise<{ readonly token: string; readonly expiresAt: string }> {
  const { customerId } = (await clusterOrRefuse(dependencies, clusterId)).document;
  const { stores, endpoints, nowMs } = dependencies;
  const secret = randomSecret();
  const expiresAt = new Date(nowMs() + request.lifetimeSeconds * 1_000).toISOString();
  const { role } = request;
  await audited(dependencies, { action: "join-token.created", customerId, subject: clusterId, after: { role, expiresAt } }, () =>
    stores.tokens.add({ secretSha256: secretHash(secret), clusterId, role, expiresAt }),
  );
  const pin = endpoints.apiCaSha256 === undefined ? {} : { apiCaSha256: endpoints.apiCaSha256 };
  return { token: encodeJoinToken({ apiUrl: endpoints.apiUrl, secret, clusterId, ...pin }), expiresAt };
}
