/** A document's text however a formatter has laid its tables out. */
export function unpadded(text: string): string {
  return text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
}
