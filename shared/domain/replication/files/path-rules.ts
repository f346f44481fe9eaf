import { privateFolder } from "./file-entry.ts";

/** Linux allows 255 bytes for a name and 4,096 for a path; the tree's own place and the name of what arrives need some of the latter. */
const nameBytesMax = 255;
const pathBytesMax = 3_000;
const depthMax = 100;
const controlCharacters = /\p{Cc}/u;

/** Why a path, relative to its tree, is not taken; undefined where it is. Whatever a peer says is put through this before it is used. */
export function pathProblem(path: string): string | undefined {
  if (path === "") return "an empty path names nothing";
  if (!path.isWellFormed()) return "its name is not valid UTF-8";
  if (controlCharacters.test(path)) return "its name has a control character (a newline, for example)";
  if (path.startsWith("/")) return "an absolute path leaves the tree";
  if (utf8Bytes(path) > pathBytesMax) return `its path is longer than ${pathBytesMax} bytes`;
  const names = path.split("/");
  if (names.length > depthMax) return `it lies deeper than ${depthMax} folders`;
  for (const name of names) {
    if (name === "" || name === "." || name === "..") return `"${name}" in a path leads elsewhere`;
    if (utf8Bytes(name) > nameBytesMax) return `a name in its path is longer than ${nameBytesMax} bytes`;
  }
  if (names[0] === privateFolder) return `${privateFolder} is the agent's own folder`;
  return undefined;
}

/** Why a link is not taken: it may only point, by a relative path, to something in its tree. */
export function linkProblem(path: string, target: string): string | undefined {
  if (target === "" || !target.isWellFormed() || controlCharacters.test(target)) return "the link's target cannot be told";
  if (target.startsWith("/")) return "the link has an absolute target: make it a relative one";
  const place = parentOf(path)
    .split("/")
    .filter((name) => name !== "");
  for (const name of target.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") place.push(name);
    else if (place.pop() === undefined) return "the link leads out of the tree";
  }
  if (place[0] === privateFolder) return `the link leads into ${privateFolder}, the agent's own folder`;
  return undefined;
}

/** Two paths that fold to the same are one file where names ignore case, or the form in which an accent is written. */
export function foldedPath(path: string): string {
  return path.normalize("NFC").toLowerCase().normalize("NFC");
}

/** Empty for what lies at the tree's top. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function joinedPath(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
