import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(root, path)));
const sources = tracked.filter((path) => path.endsWith(".ts"));
const text = (path: string): string => readFileSync(join(root, path), "utf8");

/** Who may import whom: the first rule whose folder holds the file counts. `packages` names what it may take from outside the repository. */
const rooms: readonly { folder: string; rooms: readonly string[]; packages: (specifier: string, file: string) => boolean }[] = [
  {
    folder: "infra/packaging/",
    rooms: ["infra/", "agent/program-file.ts"],
    packages: (specifier) => /^(node:|esbuild$|commander$)/.test(specifier),
  },
  { folder: "shared/domain/", rooms: ["shared/domain/"], packages: () => false },
  { folder: "shared/config/", rooms: ["shared/config/", "shared/domain/"], packages: () => false },
  {
    folder: "shared/protocol/",
    rooms: ["shared/protocol/", "shared/domain/", "shared/config/"],
    packages: (specifier) => ["zod", "cborg", "jose", "croner"].includes(specifier),
  },
  { folder: "shared/voter/", rooms: ["shared/voter/", "shared/domain/"], packages: () => false },
  { folder: "agent/", rooms: ["agent/", "shared/"], packages: agentPackage },
  { folder: "functions/", rooms: ["functions/", "shared/"], packages: functionsPackage },
  {
    folder: "infra/",
    rooms: ["infra/", "shared/", "functions/console/asset-files.ts"],
    packages: (specifier) => /^(node:|aws-cdk-lib|cdk-nag$|constructs$|esbuild$|@aws-sdk\/client-iot$|commander$)/.test(specifier),
  },
  { folder: "test/", rooms: ["test/", "shared/", "agent/", "functions/", "infra/"], packages: () => true },
];

/** Each technology stays in the adapter named for it, so that it can be changed in one place. */
function agentPackage(specifier: string, file: string): boolean {
  if (specifier === "mqtt") return basename(file).includes("mqtt");
  if (specifier === "aedes") return basename(file).includes("aedes");
  if (specifier === "node:sqlite") return file.startsWith("agent/replication/");
  if (specifier === "nodemailer") return basename(file).includes("email");
  return !/^(hono|@hono|@aws-sdk|aws-cdk|constructs$|dynalite$|oidc-provider$)/.test(specifier);
}

function functionsPackage(specifier: string, file: string): boolean {
  if (specifier.startsWith("@aws-sdk/")) return /^(dynamo|sns|iot|kms|cognito)-|^aws-clients\.ts$/.test(basename(file));
  if (/^@?hono/.test(specifier)) return /^functions\/(api|console|embedded)\//.test(file);
  if (specifier === "node:sqlite") return file.startsWith("functions/embedded/sns/");
  return !/^(aws-cdk|constructs$|mqtt$)/.test(specifier);
}

function importsOf(file: string): string[] {
  const found = [
    ...text(file).matchAll(
      /^\s*(?:import|export)\s[^"';]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\("([^"]+)"\)|\bcreateRequire\([^)]*\)\("([^"]+)"\)/gm,
    ),
  ];
  return found.map((match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? "");
}

describe("tidy: imports point one way", () => {
  it("finds the sources", () => {
    expect(sources.length).toBeGreaterThan(20);
  });

  it.each(sources)("%s", (file) => {
    const room = rooms.find((candidate) => file.startsWith(candidate.folder));
    expect(room, `${file} lies in no room`).toBeDefined();
    const wrong = importsOf(file).filter((specifier) => {
      if (!specifier.startsWith(".")) return room?.packages(specifier, file) !== true;
      const target = relative(root, resolve(root, dirname(file), specifier));
      return room?.rooms.some((folder) => target.startsWith(folder)) !== true;
    });
    expect(wrong).toEqual([]);
  });
});

function withoutCommentsAndStrings(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/gm, "");
}

describe("tidy: the core is pure", () => {
  const banned =
    /\b(Date|performance|process|crypto|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|console|globalThis|async|await|Promise)\b(?!:)|Math\.random/;
  it.each(sources.filter((path) => path.startsWith("shared/domain/")))("%s has no clock, chance or I/O", (file) => {
    const lines = withoutCommentsAndStrings(text(file))
      .split("\n")
      .filter((line) => banned.test(line));
    expect(lines).toEqual([]);
  });

  const ofTheProcess = /\b(Date|performance|process|Buffer|setTimeout|setInterval|fetch|console|globalThis)\b(?!:)|Math\.random/;
  it.each(sources.filter((path) => /^shared\/(config|protocol|voter)\//.test(path)))(
    "%s asks neither a clock nor the process that it is in",
    (file) => {
      const lines = withoutCommentsAndStrings(text(file))
        .split("\n")
        .filter((line) => ofTheProcess.test(line));
      expect(lines).toEqual([]);
    },
  );
});

describe("tidy: the shape of the repository", () => {
  it("the top level holds only what it should", () => {
    const top = new Set(tracked.map((path) => path.split("/")[0]).filter((name) => name?.startsWith(".") !== true));
    const expected = ["README.md", "agent", "functions", "infra", "package-lock.json", "package.json", "shared", "test", "tsconfig.json"];
    expect(top).toEqual(new Set(expected));
  });

  it("names are kebab-case and say what is inside", () => {
    const odd = sources.filter((path) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.config|\.d)?\.ts$/.test(basename(path)));
    const empty = sources.filter((path) => /\/(utils?|helpers?|common|misc|index)(\.test)?\.ts$/.test(path));
    expect([...odd, ...empty]).toEqual([]);
  });

  it("no file is a giant", () => {
    const giants = sources.filter((path) => text(path).split("\n").length > 300);
    expect(giants).toEqual([]);
  });

  it("dependencies are pinned exactly, and the lockfile names no registry", () => {
    const manifest = JSON.parse(text("package.json")) as Record<string, Record<string, string> | undefined>;
    const loose = ["dependencies", "devDependencies", "optionalDependencies"].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    );
    expect(loose).toEqual([]);
    expect(text("package-lock.json")).not.toMatch(/"resolved": "http/);
  });

  it("only the agent's service processes are ever spawned, and never through a shell", () => {
    // A database's own `exec` is another thing.
    const shell = /shell:\s*true|\bexecSync\(|import \{[^}]*\bexec\b[^}]*\} from "node:child_process"|new Function\(|\beval\(/;
    const shells = sources.filter((path) => /^(agent|functions|shared)\//.test(path) && shell.test(text(path)));
    expect(shells).toEqual([]);
  });

  it("links in documents lead somewhere", () => {
    const broken = tracked
      .filter((path) => path.endsWith(".md"))
      .flatMap((path) =>
        [...text(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
          .map((match) => match[1] ?? "")
          .filter((target) => !existsSync(resolve(root, dirname(path), target)))
          .map((target) => `${path}: ${target}`),
      );
    expect(broken).toEqual([]);
  });
});
