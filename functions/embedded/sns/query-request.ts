import { invalidParameter, QueryError } from "./query-error.ts";

const parametersMax = 2_000;

/** The parameters of one AWS Query call: flat names, lists and maps numbered from 1 (`Attributes.entry.1.key`). */
export class QueryRequest {
  readonly action: string;
  readonly #parameters: ReadonlyMap<string, string>;

  private constructor(action: string, parameters: ReadonlyMap<string, string>) {
    this.action = action;
    this.#parameters = parameters;
  }

  /** `form` is a query string or an urlencoded body. Errors: MalformedQueryString, MissingAction as InvalidAction. */
  static parse(form: string): QueryRequest {
    const parameters = new Map<string, string>();
    for (const [name, value] of new URLSearchParams(form)) {
      if (parameters.has(name)) throw new QueryError("MalformedQueryString", `Parameter ${name} is given twice`);
      parameters.set(name, value);
      if (parameters.size > parametersMax) throw new QueryError("MalformedQueryString", `More than ${parametersMax} parameters`);
    }
    const action = parameters.get("Action");
    if (action === undefined) throw new QueryError("InvalidAction", "The parameter Action is missing");
    return new QueryRequest(action, parameters);
  }

  optional(name: string): string | undefined {
    return this.#parameters.get(name);
  }

  required(name: string): string {
    const value = this.#parameters.get(name);
    if (value === undefined || value === "") throw invalidParameter(name, "no value for a required parameter");
    return value;
  }

  /** `name` must be "true" or "false" where it is given. */
  flag(name: string): boolean {
    const value = (this.#parameters.get(name) ?? "false").toLowerCase();
    if (value !== "true" && value !== "false") throw invalidParameter(name, "must be true or false");
    return value === "true";
  }

  /** The numbered prefixes `<name>.1`, `<name>.2`, ... up to the first that holds nothing. */
  prefixes(name: string): string[] {
    const found = new Set<string>();
    for (const parameter of this.#parameters.keys()) {
      if (!parameter.startsWith(`${name}.`)) continue;
      found.add(`${name}.${parameter.slice(name.length + 1).split(".", 1)[0] ?? ""}`);
    }
    const ordered = Array.from(found, (_, index) => `${name}.${index + 1}`);
    const stray = ordered.find((prefix) => !found.has(prefix));
    if (stray !== undefined) throw new QueryError("MalformedQueryString", `The entries of ${name} must be numbered 1, 2, 3 without a gap`);
    return ordered;
  }

  /** A map of strings under `<name>.entry.N.key` and `.value`. */
  attributes(name = "Attributes"): ReadonlyMap<string, string> {
    const entries = this.prefixes(`${name}.entry`).map(
      (prefix) => [this.required(`${prefix}.key`), this.optional(`${prefix}.value`) ?? ""] as const,
    );
    return new Map(entries);
  }
}
