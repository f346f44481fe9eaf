import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { Html } from "./pages/markup.ts";

/** Answers a poll: the fragment, or 304 where the browser shows exactly this already (assets/console.js sends the tag back). */
export async function liveFragment(c: Context, fragment: Html): Promise<Response> {
  const text = String(await fragment);
  const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 24)}"`;
  c.header("ETag", etag);
  return c.req.header("if-none-match") === etag ? c.body(null, 304) : c.html(text);
}
