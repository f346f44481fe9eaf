import type { QueryError } from "./query-error.ts";

/** An element: its tag, and its text or its children in order. */
export type XmlElement = readonly [tag: string, content: string | readonly XmlElement[]];

const namespace = "http://sns.amazonaws.com/doc/2010-03-31/";

/** `<tag><member>..</member>...</tag>`: how AWS Query writes a list. */
export function xmlList(tag: string, members: readonly (readonly XmlElement[])[]): XmlElement {
  return [tag, members.map((member) => ["member", member])];
}

/** `<tag><entry><key/><value/></entry>...</tag>`: how AWS Query writes a map. */
export function xmlMap(tag: string, entries: Readonly<Record<string, string>>): XmlElement {
  const rows = Object.entries(entries).map(
    ([key, value]): XmlElement => [
      "entry",
      [
        ["key", key],
        ["value", value],
      ],
    ],
  );
  return [tag, rows];
}

/** `result` is null for an action that has nothing to tell. */
export function successXml(action: string, result: readonly XmlElement[] | null, requestId: string): string {
  const metadata: XmlElement = ["ResponseMetadata", [["RequestId", requestId]]];
  return document(`${action}Response`, result === null ? [metadata] : [[`${action}Result`, result], metadata]);
}

export function errorXml(error: QueryError, requestId: string): string {
  const type = error.status >= 500 ? "Receiver" : "Sender";
  const fields: readonly XmlElement[] = [
    ["Type", type],
    ["Code", error.code],
    ["Message", error.message],
  ];
  return document("ErrorResponse", [
    ["Error", fields],
    ["RequestId", requestId],
  ]);
}

function document(root: string, children: readonly XmlElement[]): string {
  return `<?xml version="1.0"?>\n<${root} xmlns="${namespace}">${children.map(render).join("")}</${root}>\n`;
}

function render([tag, content]: XmlElement): string {
  const inner = typeof content === "string" ? escapeXml(content) : content.map(render).join("");
  return `<${tag}>${inner}</${tag}>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\r": "&#13;" };

/** What XML 1.0 cannot hold even as a reference becomes the replacement character, so that one odd name breaks no list. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, "\ufffd")
    .replace(/[&<>"'\r]/g, (character) => entities[character] ?? character);
}
