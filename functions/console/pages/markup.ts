import type { HtmlEscapedString } from "hono/utils/html";

/** Markup made by the `html` template: everything put into it is escaped, unless it is markup itself. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
