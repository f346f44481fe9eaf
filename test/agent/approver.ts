import { type CryptoKey, exportJWK, generateKeyPair } from "jose";
import { type Approval, type ApproverKey, certificatesOf } from "../../shared/domain/membership/approval.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { approve, approverKeySchema } from "../../shared/protocol/approvals.ts";

/** Somebody with an approver's key. */
export class Approver {
  readonly key: ApproverKey;
  readonly #privateKey: CryptoKey;

  private constructor(key: ApproverKey, privateKey: CryptoKey) {
    this.key = key;
    this.#privateKey = privateKey;
  }

  static async create(): Promise<Approver> {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const { kty, crv, x, y } = await exportJWK(publicKey);
    return new Approver(approverKeySchema.parse({ kty, crv, x, y }), privateKey);
  }

  /** The document with this approver's signature for all of it; `key`: who is the approver from then on. */
  async approve(document: ClusterDocument, number: number, key: ApproverKey | null = this.key): Promise<ClusterDocument> {
    return { ...document, approval: await this.sign(document, number, key) };
  }

  sign(document: ClusterDocument, number: number, key: ApproverKey | null = this.key): Promise<Approval> {
    return approve(document, { key, number, certificates: certificatesOf(document) }, this.#privateKey);
  }
}
