import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build, type Metafile } from "esbuild";
import { programs } from "../../agent/program-file.ts";

const root = resolve(import.meta.dirname, "../..");

/** Packages in CommonJS ask for built-in modules by `require`, and for their own place, which a module does not have. */
const banner =
  'import { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;';

/**
 * The agent's programs and threads, side by side in `outDir`, which is made anew; what they share is in pieces of its own. The same sources give the same bytes, wherever the
 * repository and `outDir` lie. Names stay as they are, for the traces of faults. Returns what went into which file.
 */
export async function bundleAgent(outDir: string): Promise<Metafile> {
  await rm(outDir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.entries(programs).map(([name, file]) => ({ in: join("agent", file), out: name })),
    outdir: outDir,
    outExtension: { ".js": ".mjs" },
    chunkNames: "part-[hash]",
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node24",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    mainFields: ["module", "main"],
    banner: { js: banner },
    // Where packages are reached by a link, they are still called by their place in the repository.
    preserveSymlinks: true,
    metafile: true,
    logLevel: "error",
  });
  return metafile;
}
