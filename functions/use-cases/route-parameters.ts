/**
 * What a path has where its route has `{name}` or `:name`; the router has matched the two segment by segment. Segments are as they came: ids hold nothing that a URL
 * would encode.
 */
export function routeParameters(pattern: string, path: string): Readonly<Record<string, string>> {
  const segments = path.split("/");
  return Object.fromEntries(
    pattern.split("/").flatMap((part, index) => {
      const [, name] = /^(?:\{(\w+)\}|:(\w+))$/.exec(part)?.filter((found) => found !== undefined) ?? [];
      return name === undefined ? [] : [[name, segments[index] ?? ""] as const];
    }),
  );
}
