import { readFileSync } from "node:fs";
import https from "node:https";
import { type TlsOptions } from "node:tls";
import PayloadValidator from "sns-payload-validator";
import MessageValidator from "sns-validator";

export interface Verdicts {
  /** "accepted", or "rejected: " and why. */
  readonly snsValidator: string;
  readonly snsPayloadValidator: string;
}

/** The two public validators of SNS messages, as they come from the registry. */
export class MessageVerifier {
  readonly #snsValidator = new MessageValidator();
  readonly #payloadValidator = new PayloadValidator();

  async verdicts(body: string): Promise<Verdicts> {
    return {
      snsValidator: await verdict(
        () =>
          new Promise((resolve, reject) => this.#snsValidator.validate(body, (error) => (error === null ? resolve(null) : reject(error)))),
      ),
      snsPayloadValidator: await verdict(() => this.#payloadValidator.validate(body)),
    };
  }
}

export function isAccepted(verdicts: Verdicts): boolean {
  return verdicts.snsValidator === "accepted" && verdicts.snsPayloadValidator === "accepted";
}

async function verdict(validate: () => Promise<unknown>): Promise<string> {
  try {
    await validate();
    return "accepted";
  } catch (error) {
    return `rejected: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * Makes every HTTPS request of this process end at one TLS server, whatever name it asks for: what a hosts entry and a
 * port forward do on a network where that name is not Amazon's. The name is still what the server's certificate must
 * bear, and only `caFile` is trusted.
 */
export function routeHttpsTo(host: string, port: number, caFile: string): void {
  https.globalAgent = new RoutedAgent(host, port, { ca: readFileSync(caFile) });
}

class RoutedAgent extends https.Agent {
  readonly #target: { readonly host: string; readonly port: number };

  constructor(host: string, port: number, trust: Pick<TlsOptions, "ca">) {
    super(trust);
    this.#target = { host, port };
  }

  override createConnection(...[options, done]: Parameters<https.Agent["createConnection"]>): ReturnType<https.Agent["createConnection"]> {
    return super.createConnection({ ...options, ...this.#target }, done);
  }
}
