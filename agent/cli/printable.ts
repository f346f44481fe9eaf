/** On one line, and without what a terminal would obey: names and values come from an application, and may hold anything. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, "0")}`);
}
