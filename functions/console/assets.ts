import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { Hono } from "hono";

const packageFile = createRequire(import.meta.url).resolve;
const ownFile = (name: string) => resolve(import.meta.dirname, "assets", name);

/** One sheet for the browser; in this order, for what comes later overrules. */
const sheets = ["tokens", "base", "shell", "parts", "tables", "groups", "timeline", "forms", "login", "ring", "narrow"].map(
  (name) => `${name}.css`,
);

const sources = {
  "pico.css": { paths: () => [packageFile("@picocss/pico/css/pico.min.css")], type: "text/css; charset=utf-8" },
  "htmx.js": { paths: () => [packageFile("htmx.org/dist/htmx.min.js")], type: "text/javascript; charset=utf-8" },
  "inter-latin.woff2": { paths: () => [packageFile("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2")], type: "font/woff2" },
  "inter-latin-ext.woff2": {
    paths: () => [packageFile("@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2")],
    type: "font/woff2",
  },
  "console.css": { paths: () => sheets.map(ownFile), type: "text/css; charset=utf-8" },
  "theme.js": { paths: () => [ownFile("theme.js")], type: "text/javascript; charset=utf-8" },
  "console.js": { paths: () => [ownFile("console.js")], type: "text/javascript; charset=utf-8" },
  "favicon.svg": { paths: () => [ownFile("favicon.svg")], type: "image/svg+xml" },
} as const;

export type AssetName = keyof typeof sources;

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly hash: string;
}

/** Every file that the pages need, from this origin alone. Read once: what is served is what was there at the start. */
export class Assets {
  readonly #assets: ReadonlyMap<string, Asset>;

  constructor() {
    this.#assets = new Map(
      Object.entries(sources).map(([name, { paths, type }]) => {
        const bytes = new Uint8Array(Buffer.concat(paths().map((path) => readFileSync(path))));
        return [name, { bytes, type, hash: createHash("sha256").update(bytes).digest("base64url").slice(0, 12) }];
      }),
    );
  }

  url = (name: AssetName): string => `/assets/${name}?v=${this.#assets.get(name)?.hash ?? ""}`;

  routes(): Hono {
    return new Hono().get("/assets/:name", (c) => {
      const asset = this.#assets.get(c.req.param("name"));
      if (asset === undefined) return c.text("no such file", 404);
      const named = c.req.query("v") === asset.hash;
      c.header("Content-Type", asset.type);
      c.header("Cache-Control", named ? "public, max-age=31536000, immutable" : "public, max-age=3600");
      return c.body(asset.bytes);
    });
  }
}
