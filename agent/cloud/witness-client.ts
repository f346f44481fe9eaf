import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { request } from "node:https";
import type { CloudVoteReport } from "../../shared/domain/monitoring/node-report.ts";
import type { CloudAnswer, CloudQuestion } from "../../shared/domain/witness/cloud-votes.ts";
import { cloudAnswerSchema, cloudQuestionText, type SignedQuestion } from "../../shared/protocol/cloud-vote-schema.ts";
import { reasonOf } from "../agent-error.ts";
import type { NodeIdentity } from "../link/identity.ts";
import type { FromLoop, ToLoop } from "../node/loop-messages.ts";
import { parseJson } from "../storage/parse-json.ts";
import { type HttpsAnswer, httpsAnswer } from "./https-answer.ts";
import { StandingAgent } from "./standing-agent.ts";

/** A candidate waits for two seconds; an answer that comes later is of no use to it. */
const timeoutMs = 2_500;
const answerBytesMax = 128 * 1_024;
/** Where the server ends it sooner, the way is cold for a part of the time: each handshake is data that somebody pays for. */
const reopenAfterMs = 300_000;
/** Of so many answers the report tells how long they took. */
const samplesMax = 500;

export interface WitnessClientOptions {
  readonly apiUrl: string;
  /** Roots that the control plane's certificate must lead to; undefined: public ones. */
  readonly caPem: string | undefined;
  readonly identity: () => NodeIdentity;
  /** Said once, until it has answered again. */
  readonly onTrouble: (reason: string) => void;
  /** The connection that stands between two questions ended, and no other could be opened (true); one stands again (false). */
  readonly onBroken: (isBroken: boolean) => void;
}

/** Asks the control plane for its vote over a connection that stands all the while. Nobody waits for it but the question itself. */
export class WitnessClient {
  readonly #options: WitnessClientOptions;
  readonly #url: URL;
  #key: { readonly of: string; readonly key: KeyObject } | null = null;
  readonly #agent: StandingAgent;
  readonly #tookMs: number[] = [];
  #lost = 0;
  #answers = 0;
  #isTroubled = false;

  constructor(options: WitnessClientOptions) {
    this.#options = options;
    this.#url = new URL("/v1/witness", options.apiUrl);
    const { caPem, onBroken } = options;
    this.#agent = new StandingAgent({
      maxSockets: 4,
      reopenAfterMs,
      onBroken,
      ...(caPem === undefined ? {} : { ca: caPem, allowPartialTrustChain: true }),
    });
  }

  /** A question of the control loop, with its answer. */
  async answer({ id, question }: Extract<FromLoop, { type: "ask-cloud" }>): Promise<Extract<ToLoop, { type: "cloud-answer" }>> {
    return { type: "cloud-answer", id, answer: await this.ask(question) };
  }

  /** Null where no answer came in time, or one that is none: the question may have been carried out all the same. */
  async ask(question: CloudQuestion): Promise<CloudAnswer | null> {
    const beganMs = performance.now();
    try {
      const { status, body } = await this.#post(this.#signed(question));
      this.#count(performance.now() - beganMs);
      if (status === 404) return null;
      const parsed = cloudAnswerSchema.safeParse(parseJson(body));
      if (status !== 200 || !parsed.success) throw new Error(`it answers ${status}: ${body.slice(0, 300)}`);
      this.#isTroubled = false;
      return parsed.data;
    } catch (error) {
      this.#lost += 1;
      if (!this.#isTroubled) {
        const nextStep = "While it does not answer, this cluster's nodes have to make a majority by themselves";
        this.#options.onTrouble(`the control plane's vote cannot be had at ${this.#url.origin}: ${reasonOf(error)}. ${nextStep}.`);
      }
      this.#isTroubled = true;
      return null;
    }
  }

  /** How quickly it has answered, in milliseconds. */
  report(): CloudVoteReport | null {
    if (this.#answers === 0) return null;
    const sorted = this.#tookMs.toSorted((one, other) => one - other);
    const quantile = (fraction: number): number | null => sorted[Math.ceil(fraction * sorted.length) - 1] ?? null;
    return { answers: this.#answers, lost: this.#lost, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
  }

  close(): void {
    this.#agent.destroy();
  }

  #count(tookMs: number): void {
    this.#answers += 1;
    this.#tookMs.push(Math.round(tookMs * 10) / 10);
    if (this.#tookMs.length > samplesMax) this.#tookMs.shift();
  }

  #signed(asked: CloudQuestion): SignedQuestion {
    const question = JSON.stringify(asked);
    const { keyPem, certificatePem } = this.#options.identity();
    if (this.#key?.of !== keyPem) this.#key = { of: keyPem, key: createPrivateKey(keyPem) };
    const signature = sign("sha256", Buffer.from(cloudQuestionText(question)), { key: this.#key.key, dsaEncoding: "ieee-p1363" });
    return { question, certificatePem, signature: signature.toString("base64url") };
  }

  #post(body: SignedQuestion): Promise<HttpsAnswer> {
    const text = JSON.stringify(body);
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
    const outgoing = request(this.#url, { method: "POST", agent: this.#agent, headers, signal: AbortSignal.timeout(timeoutMs) });
    outgoing.end(text);
    return httpsAnswer(outgoing, answerBytesMax);
  }
}
