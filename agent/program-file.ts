/** What runs as a process or a thread of its own, by the file that it begins with. */
export const programs = {
  main: "./main.ts",
  guardian: "./node/guardian.ts",
  "control-loop": "./node/control-loop-thread.ts",
  replication: "./replication/worker.ts",
  snapshot: "./replication/snapshot-worker.ts",
  "sqlite-look": "./replication/sqlite-look.ts",
  "table-look": "./replication/table-look.ts",
  "server-look": "./preflight/server-look.ts",
  files: "./files/files-worker.ts",
} as const;

/** Where it lies: in the package all of them lie side by side under their names (infra/packaging/agent-bundle.ts), and what they share in pieces beside them. */
export function programFile(name: keyof typeof programs): URL {
  const isPackaged = import.meta.url.endsWith(".mjs");
  return new URL(isPackaged ? `./${name}.mjs` : programs[name], import.meta.url);
}
