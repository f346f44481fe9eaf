import { createRequire } from "node:module";
import { resolve } from "node:path";

const packageFile = createRequire(import.meta.url).resolve;
const ownFile = (name: string) => resolve(import.meta.dirname, "assets", name);

/** One sheet for the browser; in this order, for what comes later overrules. */
const sheets = ["tokens", "base", "shell", "parts", "tables", "groups", "timeline", "forms", "login", "ring", "narrow"].map(
  (name) => `${name}.css`,
);

/** What the pages need, by the name that a browser asks for: where its parts lie, and of what type it is. */
export const assetFiles = {
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

export type AssetName = keyof typeof assetFiles;
