/** The value, or undefined where the text is no JSON: what it must look like is its schema's matter. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
