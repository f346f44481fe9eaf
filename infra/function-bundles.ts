import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { build as bundle, type Metafile, type Plugin } from "esbuild";
import { assetFiles } from "../functions/console/asset-files.ts";
import { packageOf } from "./packaging/bill-of-materials.ts";

const root = resolve(import.meta.dirname, "..");
const consoleFolder = join(root, "functions/console");

/** Every function, by the name of its entry in functions/aws/entries; `FOLDER/index.mjs` is what Lambda loads. */
export const functionNames = [
  "alerts",
  "api",
  "console",
  "first-owner",
  "ingest",
  "licences",
  "presence",
  "silence",
  "summaries",
  "witness",
] as const;
export type FunctionName = (typeof functionNames)[number];

/** What Lambda's `nodejs24.x` runs. The SDK goes into the bundles, since the runtime's own may be any version of it. */
const target = "node24";

/** Packages in CommonJS ask for the built-in modules by `require`, which a module does not have. */
const banner = `import { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);`;

const notHere = `() => { throw new Error("it is not in the bundle: see infra/function-bundles.ts"); }`;
const noCompiler = `export const INVALID = Symbol("invalid"), compile = ${notHere}, withParser = compile;
export class ZodCompileAsyncError extends Error {}
export class ZodCompileUnsupportedError extends Error {}`;

/** What each schema would make one with, and what the processors call, which throw themselves. */
const noJsonSchemas = `export const initializeContext = ${notHere}, handleUnrepresentable = initializeContext, process = initializeContext, processSchema = initializeContext,
  extractDefs = initializeContext, finalize = initializeContext, createToJSONSchemaMethod = () => initializeContext, createStandardJSONSchemaMethod = () => initializeContext;`;

/** What makes JSON schemas throws where it is called; what the file has beside stays, and what was made of the rest is unused then. */
async function withoutProcessors({ path }: { readonly path: string }): Promise<{ readonly contents: string }> {
  const source = await readFile(path, "utf8");
  const processors = source.replace(/^export const (\w+Processor) =/gm, `export const $1 = isNotHere; const unused_$1 =`);
  return { contents: `const isNotHere = ${notHere};\n${processors}` };
}

/** All of zod's inside is a member of what programs ask it for, by a name that nobody asks for: it would be kept whole for that. */
async function withoutInside({ path }: { readonly path: string }): Promise<{ readonly contents: string }> {
  return { contents: (await readFile(path, "utf8")).replace(`export * as core from "../core/index.js";`, "") };
}

/**
 * Parts of zod that nobody asks for, and of which no bundler can tell: messages in languages other than English (a quarter of a bundle), schemas made of JSON schemas and made
 * into them (the one that is published lies there as a file), and schemas made into code.
 */
const zodInUse: Plugin = {
  name: "zod-in-use",
  setup: (build) => {
    build.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({ contents: `export { default as en } from "./en.js";` }));
    build.onLoad({ filter: /\/zod\/v4\/classic\/external\.js$/ }, withoutInside);
    build.onLoad({ filter: /\/zod\/v4\/core\/compile\.js$/ }, () => ({ contents: noCompiler }));
    build.onLoad({ filter: /\/zod\/v4\/classic\/from-json-schema\.js$/ }, () => ({
      contents: `export const fromJSONSchema = ${notHere};`,
    }));
    build.onLoad({ filter: /\/zod\/v4\/core\/to-json-schema\.js$/ }, () => ({ contents: noJsonSchemas }));
    build.onLoad({ filter: /\/zod\/v4\/core\/json-schema-processors\.js$/ }, withoutProcessors);
  },
};

/** The lines of a page's markup are indented for whoever reads its source; a browser takes any white space between words for one. */
const pagesWithoutIndentation: Plugin = {
  name: "pages-without-indentation",
  setup: (build) =>
    build.onLoad({ filter: /\/functions\/console\/pages\/[\w-]+\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll(/\n +/g, "\n"),
      loader: "ts",
    })),
};

/** Lambda gives a function's credentials in its environment: the other ways to some (metadata services, sign-ins, files) have no business there. */
const environmentCredentials: Plugin = {
  name: "environment-credentials",
  setup: (build) =>
    build.onLoad({ filter: /\/@aws-sdk\/credential-provider-node\/.*\/index\.js$/ }, ({ path }) => ({
      contents: `export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";`,
      resolveDir: dirname(path),
    })),
};

/** No operation that is used streams events; the SDK would load what reads them with the first one that does. */
const noEventStreams: Plugin = {
  name: "no-event-streams",
  setup: (build) =>
    build.onLoad({ filter: /\/@smithy\/core\/dist-es\/submodules\/event-streams\/index\.js$/ }, () => ({
      contents: `export const EventStreamSerde = ${notHere}, eventStreamSerdeProvider = EventStreamSerde;`,
    })),
};

/** The SDK's description of each operation is a table of its own, which esbuild keeps although nobody reads it, unless it is told that making one does nothing else. */
const operationsInUse: Plugin = {
  name: "operations-in-use",
  setup: (build) =>
    build.onLoad({ filter: /\/@aws-sdk\/client-[\w-]+\/dist-es\/schemas\/schemas_0\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(
        /^((?:export )?var \w+\$ = )(\[[^;]*?^\]);/gm,
        (_all, name: string, table: string) => `${name}/* @__PURE__ */ (() => ${table})();`,
      ),
    })),
};

/** DynamoDB's client would remember the endpoints that the service tells it, where an environment asks for that: ours asks for nothing of the kind. */
const noEndpointDiscovery: Plugin = {
  name: "no-endpoint-discovery",
  setup: (build) =>
    build.onLoad({ filter: /\/@aws-sdk\/endpoint-cache\/dist-es\/EndpointCache\.js$/ }, () => ({
      contents: `export class EndpointCache { getEndpoint = ${notHere}; get = ${notHere}; }`,
    })),
};

/**
 * Bundles all functions at once, each into a folder of its own below `outDir`, which is made anew. The same sources give the same bytes, wherever the repository and `outDir`
 * lie: no paths, times or names of the machine go in. Returns what went into which bundle.
 */
export async function bundleFunctions(outDir: string): Promise<Metafile> {
  await rm(outDir, { recursive: true, force: true });
  const { metafile } = await bundle({
    absWorkingDir: root,
    entryPoints: functionNames.map((name) => ({ in: `functions/aws/entries/${name}.ts`, out: `${name}/index` })),
    outdir: outDir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target,
    minify: true,
    legalComments: "none",
    mainFields: ["module", "main"],
    banner: { js: banner },
    plugins: [zodInUse, pagesWithoutIndentation, environmentCredentials, noEventStreams, noEndpointDiscovery, operationsInUse],
    metafile: true,
    logLevel: "error",
  });
  await copyAssets(join(outDir, "console"));
  return metafile;
}

/** Packages that files are served of as they are, beside what is bundled. */
export function servedPackages(): readonly string[] {
  return [...new Set(assetPaths().flatMap((path) => packageOf(path) ?? []))];
}

const assetPaths = (): readonly string[] => Object.values(assetFiles).flatMap(({ paths }) => paths());

/** The console looks for its files beside its own one, and for those of packages below `node_modules`: there they lie again. */
async function copyAssets(folder: string): Promise<void> {
  for (const path of assetPaths()) {
    const isOwn = path.startsWith(`${consoleFolder}/`);
    // Wherever the packages lie really.
    const place = isOwn ? relative(consoleFolder, path) : path.slice(path.lastIndexOf("/node_modules/") + 1);
    const target = join(folder, place);
    await mkdir(dirname(target), { recursive: true });
    await cp(path, target);
  }
}
