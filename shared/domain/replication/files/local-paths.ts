/**
 * Paths that stay on their node: never sent, never touched. A pattern is a path from the tree's top; `*` stands for any part of a name, `?` for one
 * character of it, `**` for any number of folders. One without a slash holds in every folder. What lies in a local folder is local.
 */
export class LocalPaths {
  readonly #patterns: readonly (readonly string[])[];
  /** A path is asked for again and again while its folder is walked. */
  readonly #names = new Map<string, boolean>();

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns
      .map((pattern) => pattern.split("/").filter((part) => part !== "" && part !== "."))
      .filter((parts) => parts.length > 0)
      .map((parts) => (parts.length === 1 ? ["**", ...parts] : parts));
  }

  has(path: string): boolean {
    if (this.#patterns.length === 0) return false;
    const names = path.split("/");
    return names.some((_, depth) => this.#matches(names.slice(0, depth + 1)));
  }

  #matches(names: readonly string[]): boolean {
    const path = names.join("/");
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const matches = this.#patterns.some((pattern) => fits(pattern, names));
    if (this.#names.size >= 1_000) this.#names.clear();
    this.#names.set(path, matches);
    return matches;
  }
}

/** As far as the pattern can be followed: a set of places in it, so that no pattern takes longer than its length times the path's. */
function fits(pattern: readonly string[], names: readonly string[]): boolean {
  let places = pastFolders(pattern, new Set([0]));
  for (const name of names) {
    const next = new Set<number>();
    for (const place of places) {
      const part = pattern[place];
      if (part === undefined) continue;
      if (part === "**") next.add(place);
      else if (nameFits(part, name)) next.add(place + 1);
    }
    places = pastFolders(pattern, next);
  }
  return places.has(pattern.length);
}

function pastFolders(pattern: readonly string[], places: ReadonlySet<number>): Set<number> {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === "**") all.add(place + 1);
  return all;
}

function nameFits(part: string, name: string): boolean {
  let [at, inName, star, resume] = [0, 0, -1, 0];
  while (inName < name.length) {
    if (part[at] === "*") {
      star = at;
      at += 1;
      resume = inName;
    } else if (part[at] === "?" || part[at] === name[inName]) {
      at += 1;
      inName += 1;
    } else if (star !== -1) {
      at = star + 1;
      resume += 1;
      inName = resume;
    } else return false;
  }
  while (part[at] === "*") at += 1;
  return at === part.length;
}
