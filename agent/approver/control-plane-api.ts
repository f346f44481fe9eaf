import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { apiErrorSchema } from "../../shared/protocol/errors.ts";
import { AgentError, reasonOf } from "../agent-error.ts";
import type { HttpsAnswer } from "../cloud/https-answer.ts";
import { openCaller } from "../cloud/pinned-https.ts";
import { parseJson } from "../storage/parse-json.ts";

/** Where the control plane is, and who calls. */
export interface ApiAccess {
  readonly cloud: string;
  /** SHA-256 of the certificate to expect in its chain, in hex. Undefined: the public roots. */
  readonly cloudCaSha256?: string;
  /** A file with an API key. */
  readonly apiKeyFile: string;
}

/** The control plane's API for somebody with an API key. Throws `AgentError` with what it says. */
export class ControlPlaneApi {
  readonly #call: (method: string, path: string, body?: unknown) => Promise<HttpsAnswer>;

  private constructor(call: (method: string, path: string, body?: unknown) => Promise<HttpsAnswer>) {
    this.#call = call;
  }

  static async open({ cloud, cloudCaSha256, apiKeyFile }: ApiAccess): Promise<ControlPlaneApi> {
    const secret = await readFile(apiKeyFile, "utf8").catch((error: unknown) => {
      throw new AgentError(
        "approval-refused",
        `The API key cannot be read: ${reasonOf(error)}.`,
        "Make one in the console, and put it into a file of its own.",
      );
    });
    const call = await inWords(() => openCaller(cloud, cloudCaSha256));
    return new ControlPlaneApi((method, path, body) =>
      inWords(() => call(method, path, body, { authorization: `Bearer ${secret.trim()}` })),
    );
  }

  async get<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.infer<Shape>> {
    const body = await this.#answer("GET", path);
    const parsed = shape.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new AgentError(
      "refused-by-cloud",
      "The control plane's answer is not what it should be.",
      "Use the understudy of the control plane's version.",
    );
  }

  async put(path: string, body: unknown): Promise<void> {
    await this.#answer("PUT", path, body);
  }

  async #answer(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#call(method, path, body);
    const parsed = parseJson(answer.body);
    if (answer.status === 200) return parsed;
    const refusal = apiErrorSchema.safeParse(parsed).data?.error;
    const { message = `it answered with status ${answer.status} and no reason`, nextStep = "Look at its log." } = refusal ?? {};
    throw new AgentError("refused-by-cloud", `The control plane refused this: ${message}.`, nextStep);
  }
}

/** What the agent says of a connection speaks of joining. */
async function inWords<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    const nextStep =
      "Check --cloud, --cloud-ca-sha256 and this machine's clock and network, then do the same again: nothing was signed away.";
    throw new AgentError(error.code, error.message, nextStep, error);
  }
}
