import { posix } from "node:path";
import { LocalPaths } from "../../../shared/domain/replication/files/local-paths.ts";
import { foldedPath, linkProblem, pathProblem } from "../../../shared/domain/replication/files/path-rules.ts";
import { bytesOf, type FuzzTarget, promise, textOf } from "../fuzz-target.ts";

const root = "/srv/tree";
const privateFolder = `${root}/.understudy`;
const local = new LocalPaths(["*.tmp", "cache/**", "a/?/b*", "**/x*y*z"]);

const isInside = (path: string): boolean => path === root || path.startsWith(`${root}/`);
const isPrivate = (path: string): boolean => path === privateFolder || path.startsWith(`${privateFolder}/`);

/** A path, a line feed, and where it points where it is a link. */
export const filePath: FuzzTarget = {
  name: "file-path",
  reads: "paths of replicated files and targets of their links, as another node names them",
  share: 120,
  seeds: [
    "voice/hello.wav\n../sounds/hello.wav",
    "a/b/c.tmp\nb",
    "Ärger/é.txt\n.",
    "cache/x/y\n../../voice",
    "a\n..",
    "x.y.z\nsub/./deep",
  ].map(bytesOf),
  words: [
    ".understudy",
    ".understudy/x",
    "./",
    "a/../..",
    "/dev/null",
    "CON",
    "nul.txt",
    "x".repeat(250),
    "d/".repeat(99),
    "é",
    "e\u0301",
    "*",
    "?",
    "xyxyxyz",
  ],
  execute: (input) => {
    const [path = "", target = ""] = textOf(input).split("\n");
    if (pathProblem(path) !== undefined) return "refused";
    local.has(path);
    const place = posix.resolve(root, path);
    promise(isInside(place) && place !== root, "a path leads out of its tree");
    promise(place === `${root}/${path}`, "a path leads elsewhere than it says");
    promise(!isPrivate(place), "a path leads into the agent's own folder");
    promise(foldedPath(foldedPath(path)) === foldedPath(path), "a folded path folds further");
    if (linkProblem(path, target) !== undefined) return "accepted";
    const end = posix.resolve(root, posix.dirname(path), target);
    promise(isInside(end), "a link leads out of its tree");
    promise(!isPrivate(end), "a link leads into the agent's own folder");
    return "accepted";
  },
};
