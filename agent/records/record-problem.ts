import type { NamedNode } from "./data-set-writer.ts";

/** What the records API refuses, with the HTTP status of each and what whoever asked can do about it. */
const problems = {
  "invalid-request": { status: 400, nextStep: "Correct what is named, and ask again." },
  "not-authorised": {
    status: 401,
    nextStep: "Send `Authorization: Bearer TOKEN` with the content of the file that the setting records.tokenFile names.",
  },
  "unknown-path": { status: 404, nextStep: "See which paths there are in the agent's README." },
  "unknown-data-set": { status: 404, nextStep: "Ask for the data sets at /v1/datasets." },
  "unknown-record": { status: 404, nextStep: "Ask for the records that there are." },
  "unknown-commit": { status: 404, nextStep: "Ask the node that made it, or wait until it has come here." },
  "wrong-method": { status: 405, nextStep: "See which methods there are in the agent's README." },
  "not-the-writer": {
    status: 409,
    nextStep: "Ask for the data sets at /v1/datasets: each comes with its writer. Write there, and read first what is there now.",
  },
  "position-gone": { status: 410, nextStep: "List the records anew, and watch from the position that comes with the list." },
  "version-differs": { status: 412, nextStep: "Read the record again, and decide by what it is now." },
  "too-large": { status: 413, nextStep: "Split it into several records." },
  "not-ready": { status: 503, nextStep: "Wait, and ask again; `understudy agent status` says what it waits for." },
  "writer-away": {
    status: 503,
    nextStep: "Nothing was written: wait until `understudy agent status` names a writer that answers, and ask again.",
  },
  "writer-silent": {
    status: 504,
    nextStep: "It may have been written: ask again with the same Idempotency-Key, and it is written once.",
  },
  "too-many-watchers": { status: 503, nextStep: "Let several share one watch, or wait." },
  "not-replicated": { status: 504, nextStep: "Nothing was taken back: ask for the commit until another node has it." },
  full: { status: 507, nextStep: "Free space, or delete what is not needed any more." },
} as const satisfies Record<string, { readonly status: number; readonly nextStep: string }>;

export type RecordProblemCode = keyof typeof problems;

/** Body of every refusal. */
export interface RecordProblemBody {
  readonly error: { readonly code: RecordProblemCode; readonly message: string; readonly nextStep: string };
  /** Of `not-the-writer`: who is; null where nobody is known to be. */
  readonly writer?: NamedNode | null;
}

/** A request that is not carried out. */
export class RecordProblem extends Error {
  readonly status: number;
  readonly body: RecordProblemBody & Readonly<Record<string, unknown>>;

  /** `more` goes into the body, beside the error. */
  constructor(code: RecordProblemCode, message: string, more: { readonly nextStep?: string; readonly [field: string]: unknown } = {}) {
    super(message);
    const { nextStep = problems[code].nextStep, ...fields } = more;
    this.status = problems[code].status;
    this.body = { error: { code, message, nextStep }, ...fields };
  }
}
