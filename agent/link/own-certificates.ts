import { createSecureContext, type SecureContext, type Server } from "node:tls";
import { type Certified, fingerprintsOf } from "../../shared/domain/membership/certificates.ts";
import type { NodeIdentity } from "./identity.ts";

/** Of a certificate's fingerprint: a name for TLS, by which whoever connects says which certificate it is to be shown. */
const nameCharacters = 40;

/** What to call a node by in TLS (SNI), so that it shows the certificate with this fingerprint where it has several. */
export function certificateName(certificateSha256: string): string {
  return `${certificateSha256.slice(0, nameCharacters)}.node.understudy`;
}

/**
 * This node's identities in the order in which they are to be tried: those that the document names, the newest first, and then those that it does not
 * name yet. `member`: what the document says of this node; undefined: it was removed.
 */
export function inOrderOfUse(identities: readonly NodeIdentity[], member: Certified | undefined): readonly NodeIdentity[] {
  const named = (member === undefined ? [] : fingerprintsOf(member)).flatMap((sha256) =>
    identities.filter((identity) => identity.certificateSha256 === sha256),
  );
  return [...named, ...identities.filter((identity) => !named.includes(identity))];
}

/** The certificates that this node shows: for most of its life one, while it changes its key two. Kept ready for TLS. */
export class OwnCertificates {
  #identities: readonly NodeIdentity[] = [];
  #contexts: ReadonlyMap<string, SecureContext> = new Map();
  readonly #servers: Server[] = [];

  /** In the order of their use (`inOrderOfUse`). */
  constructor(identities: readonly NodeIdentity[]) {
    this.replace(identities);
  }

  get identities(): readonly NodeIdentity[] {
    return this.#identities;
  }

  /** The one that is shown to whoever does not ask for another. */
  get inUse(): NodeIdentity {
    const [first] = this.#identities;
    if (first === undefined) throw new Error("a node always has an identity");
    return first;
  }

  /** Connections that are there go on; new ones show these. */
  replace(identities: readonly NodeIdentity[]): void {
    this.#contexts = new Map(
      // Once for each: to read a key again for every knock at a silent peer's door would cost the control loop time.
      identities.map((one) => [one.certificateSha256, this.#contexts.get(one.certificateSha256) ?? contextOf(one)]),
    );
    this.#identities = identities;
    for (const server of this.#servers) server.setSecureContext({ ...this.#shown(), minVersion: "TLSv1.3" });
  }

  contextFor(identity: NodeIdentity): SecureContext {
    return this.#contexts.get(identity.certificateSha256) ?? contextOf(identity);
  }

  /** For a TLS server that shows each caller the certificate which it asks for. */
  serverOptions() {
    return {
      ...this.#shown(),
      SNICallback: (name: string, done: (error: Error | null, context?: SecureContext) => void): void => {
        const asked = this.#identities.find(({ certificateSha256 }) => certificateName(certificateSha256) === name);
        done(null, this.contextFor(asked ?? this.inUse));
      },
    };
  }

  /** From now on the server follows what is replaced here. */
  follow(server: Server): void {
    this.#servers.push(server);
    server.once("close", () => this.#servers.splice(this.#servers.indexOf(server), 1));
  }

  #shown(): { readonly key: string; readonly cert: string } {
    return { key: this.inUse.keyPem, cert: this.inUse.certificatePem };
  }
}

function contextOf({ keyPem, certificatePem }: NodeIdentity): SecureContext {
  return createSecureContext({ key: keyPem, cert: certificatePem, minVersion: "TLSv1.3" });
}
