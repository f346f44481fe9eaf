import type { ClusterId } from "../../../shared/domain/ids.ts";
import { HttpVisitor } from "../../functions/console/http-visitor.ts";
import { type Row, row } from "./cloud-row.ts";

const kinds: readonly { readonly what: string; readonly by: "script" | "person"; readonly path: (clusterId: ClusterId) => string }[] = [
  { what: "API: a cluster's state", by: "script", path: (clusterId) => `/v1/clusters/${clusterId}/state` },
  { what: "API: a page of a cluster's events", by: "script", path: (clusterId) => `/v1/clusters/${clusterId}/events` },
  { what: "API: 200 clusters of the fleet", by: "script", path: () => "/v1/clusters?limit=200" },
  { what: "console: the fleet's page", by: "person", path: () => "/" },
  { what: "console: what that page asks each second", by: "person", path: () => "/fleet/live" },
  { what: "console: a cluster's page", by: "person", path: (clusterId) => `/clusters/${clusterId}` },
];

/** What people and their scripts ask of a fleet over HTTP, all kinds in turn, and how long each took until its last byte. */
export class People {
  readonly #visitor: HttpVisitor;
  readonly #url: string;
  readonly #apiKey: string;
  readonly #tookMs = new Map(kinds.map(({ what }): [string, number[]] => [what, []]));
  #asked = 0;

  private constructor(url: string, apiKey: string) {
    this.#url = url;
    this.#apiKey = apiKey;
    this.#visitor = new HttpVisitor(url);
  }

  static async signedIn(
    url: string,
    { apiKey, ...login }: { readonly email: string; readonly password: string; readonly apiKey: string },
  ): Promise<People> {
    const people = new People(url, apiKey);
    const { path, response } = await people.#visitor.logIn("/users", login);
    if (path !== "/users" || response.status !== 200)
      throw new Error(`signing in has led to ${path}, which was answered ${response.status}`);
    return people;
  }

  /** The next one in turn. */
  async ask(clusterId: ClusterId): Promise<void> {
    const kind = kinds[this.#asked++ % kinds.length];
    if (kind === undefined) throw new Error("there are some kinds");
    const { what, by } = kind;
    const path = kind.path(clusterId);
    const startedMs = performance.now();
    const headers = { authorization: `Bearer ${this.#apiKey}` };
    const answer = by === "script" ? await fetch(new URL(path, this.#url), { headers }) : await this.#visitor.request(path);
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}`);
    this.#tookMs.get(what)?.push(performance.now() - startedMs);
  }

  rows(): readonly Row[] {
    return [...this.#tookMs].map(([what, samples]) => row(what, "ms", samples));
  }
}
