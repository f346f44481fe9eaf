/** A browser without a screen: keeps cookies, follows redirects one by one, sends forms. Cookies of one host, their paths kept apart. */
export class HttpVisitor {
  readonly #origin: string;
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  get cookies(): ReadonlyMap<string, { readonly value: string; readonly path: string }> {
    return this.#cookies;
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(path, this.#origin);
    const headers = new Headers(init.headers);
    headers.set("cookie", this.#cookieHeader(url.pathname));
    // A kept connection would break when a test restarts its server.
    headers.set("connection", "close");
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    // Read to its end at once: an answer left half read would hold its connection.
    const body = await response.arrayBuffer();
    return new Response(body.byteLength === 0 ? null : body, { status: response.status, headers: response.headers });
  }

  async post(path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    return this.request(path, { method: "POST", body: new URLSearchParams(fields) });
  }

  /** The path of the last answer, and that answer. */
  async follow(first: Response, from: string): Promise<{ readonly path: string; readonly response: Response }> {
    let [path, response] = [from, first];
    for (let hops = 0; response.headers.has("location"); hops += 1) {
      if (hops > 10) throw new Error(`redirected in a circle at ${path}`);
      const next = new URL(response.headers.get("location") ?? "", new URL(path, this.#origin));
      path = next.pathname + next.search;
      response = await this.request(path);
    }
    return { path, response };
  }

  async visit(path: string) {
    return this.follow(await this.request(path), path);
  }

  /** Through the issuer's form; ends wherever that leads. */
  async logIn(path: string, login: { readonly email: string; readonly password: string }) {
    const form = await this.visit(path);
    return this.follow(await this.post(form.path, { email: login.email, password: login.password }), form.path);
  }

  #cookieHeader(path: string): string {
    const sent = [...this.#cookies].filter(([, cookie]) => path.startsWith(cookie.path));
    return sent.map(([name, { value }]) => `${name}=${value}`).join("; ");
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf("="));
    const value = pair.slice(pair.indexOf("=") + 1);
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? "/";
    if (value === "") this.#cookies.delete(name);
    else this.#cookies.set(name, { value, path });
  }
}

/** The token that the page's forms carry. */
export function csrfIn(page: string): string {
  return /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
}
