/** What holds a place on no screen, or breaks a line or a mail header: control, format (bidi overrides among them) and separator characters. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** The text on one line: each run of invisible characters and spaces becomes one space. */
export function oneLine(text: string): string {
  return text.replace(invisible, " ").replace(/\s+/g, " ").trim();
}

/** As `oneLine`, in ASCII: accents fall away, letters without an ASCII form become `?`. */
export function asciiLine(text: string): string {
  const plain = text
    .replaceAll("ß", "ss")
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "");
  return oneLine(plain).replace(/[^\x20-\x7e]/gu, "?");
}

/** At most `lengthMax` UTF-16 units; what was cut shows as three dots, and no character is cut in half. */
export function cutTo(lengthMax: number, text: string): string {
  if (text.length <= lengthMax) return text;
  return `${text.slice(0, lengthMax - 3).replace(/[\uD800-\uDBFF]$/, "")}...`;
}
