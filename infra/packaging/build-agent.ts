import { resolve } from "node:path";
import { Command, Option } from "commander";
import { type Architecture, architectures, buildAgentPackage } from "./agent-package.ts";

interface Options {
  readonly out: string;
  readonly arch: Architecture;
  readonly quick?: boolean;
  readonly json?: boolean;
}

const program = new Command("npm run build:agent --")
  .description(
    "The agent as a Debian package with a Node of its own, and its bill of materials beside it. The same sources give the same bytes, in any folder; SOURCE_DATE_EPOCH names the instant that its files are of. Needs dpkg-deb.",
  )
  .option("--out <folder>", "made anew", resolve(import.meta.dirname, "../../dist/agent"))
  .addOption(new Option("--arch <architecture>", "of the servers").choices(Object.keys(architectures)).default("amd64"))
  .option("--quick", "packed in a second in place of a minute, and larger")
  .option("--json", "print the result as JSON");

try {
  const { out, arch, quick, json } = program.parse().opts<Options>();
  const built = await buildAgentPackage({ outDir: resolve(out), architecture: arch, compression: quick === true ? "quick" : "best" });
  if (json === true) console.log(JSON.stringify(built));
  else console.log(`${built.file}\n${(built.bytes / 1_048_576).toFixed(1)} MiB, SHA-256 ${built.sha256}\nbill of materials: ${built.bill}`);
} catch (error) {
  console.error(`The package was not built: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
