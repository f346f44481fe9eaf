import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Hono } from "hono";
import { type AssetName, assetFiles } from "./asset-files.ts";

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
      Object.entries(assetFiles).map(([name, { paths, type }]) => {
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
