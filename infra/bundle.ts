import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { coldImportMs } from "./cold-import.ts";
import { bundleFunctions, functionNames, servedPackages } from "./function-bundles.ts";
import { billOfMaterials } from "./packaging/bill-of-materials.ts";

const { cold, json, out } = new Command("npm run bundle --")
  .description(
    "Bundles the functions as Lambda gets them, with the bill of materials of all of them beside (sbom.cdx.json), and tells how large each is. The same sources give the same bytes, in any folder.",
  )
  .option("--out <folder>", "made anew", resolve(import.meta.dirname, "../dist/functions"))
  .option("--cold", "also import each in five new processes, and tell the median time")
  .option("--json", "one object on standard output")
  .parse()
  .opts<{ cold?: true; json?: true; out: string }>();

const outDir = resolve(out);
const metafile = await bundleFunctions(outDir);
const { outputs } = metafile;
const product = { name: "understudy-functions", description: "The control plane's functions in AWS", beside: servedPackages() };
const bill = billOfMaterials(product, metafile);
await writeFile(resolve(outDir, "sbom.cdx.json"), bill);
const rows: { readonly name: string; readonly bytes: number; readonly coldImportMs?: number }[] = [];
for (const name of functionNames) {
  const file = resolve(outDir, name, "index.mjs");
  const [, output] = Object.entries(outputs).find(([path]) => path.endsWith(`/${name}/index.mjs`)) ?? [];
  rows.push({ name, bytes: output?.bytes ?? 0, ...(cold === undefined ? {} : { coldImportMs: coldImportMs(file) }) });
}
if (json === true) process.stdout.write(`${JSON.stringify(rows)}\n`);
else
  for (const { name, bytes, coldImportMs: ms } of rows)
    process.stdout.write(
      `${name.padEnd(12)} ${String(Math.ceil(bytes / 1_000)).padStart(5)} kB${ms === undefined ? "" : `  ${ms.toFixed(0).padStart(5)} ms`}\n`,
    );
