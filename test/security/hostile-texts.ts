/** Sets this on `window` where a browser obeys a text. */
export const pwnedFlag = "pwnedByText";

const run = `window.${pwnedFlag}=1`;
const foreign = "//attacker.invalid/x";

const markup = [
  `<script>${run}</script>`,
  `<script src=${foreign}></script>`,
  `<img src=x onerror="${run}">`,
  `<img src="${foreign}">`,
  `<svg onload=${run}>`,
  `<svg><script>${run}</script></svg>`,
  `<math><mtext><style><img src=x onerror=${run}></style></mtext></math>`,
  `"><img src=x onerror=${run}>`,
  `'><svg/onload=${run}>`,
  `" onmouseover="${run}" autofocus onfocus="${run}`,
  `' onfocus='${run}' autofocus tabindex=1 x='`,
  `</title><script>${run}</script>`,
  `</textarea><script>${run}</script>`,
  `</style><script>${run}</script>`,
  `</script><script>${run}</script>`,
  `--><script>${run}</script>`,
  `]]><script>${run}</script>`,
  `<iframe srcdoc="<script>parent.${pwnedFlag}=1</script>">`,
  `<iframe src=javascript:${run}>`,
  `<a href="javascript:${run}">x</a>`,
  `<form action=${foreign}><button autofocus onfocus=${run}>`,
  `<meta http-equiv=refresh content="0;url=${foreign}">`,
  `<base href=${foreign}>`,
  `<link rel=stylesheet href=${foreign}>`,
  `<style>@import '${foreign}';</style>`,
  `<object data=${foreign}>`,
  `<video src=${foreign} onerror=${run}>`,
  `<details open ontoggle=${run}>`,
  `<body onload=${run}>`,
  `<input onfocus=${run} autofocus>`,
  `<div hx-get="${foreign}" hx-trigger=load>`,
  `<div hx-on:load="${run}" data-hx-get=${foreign}>`,
  `<template><script>${run}</script></template>`,
  `&lt;script&gt;${run}&lt;/script&gt;`,
  `&#60;script&#62;${run}&#60;/script&#62;`,
  `\\u003cscript\\u003e${run}`,
  `＜script＞${run}＜/script＞`,
  `<ſcript>${run}</ſcript>`,
  `<scr\u0000ipt>${run}</scr\u0000ipt>`,
  `javascript:${run}`,
  `data:text/html,<script>${run}</script>`,
];
const templates = ["{{7*7}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "{% raw %}", "%s%s%s%n", "{0}", "$(id)", "`id`", "; id", "| id", "&& id", "\n id", "__proto__", "constructor", "toString", "hasOwnProperty", "undefined", "null", "NaN", "-1", "1e309"]; // biome-ignore format: one list
const sql = ["' OR '1'='1", "'; DROP TABLE customers; --", "1; DELETE FROM x", "admin'--", "\" OR \"\"=\"", "') UNION SELECT NULL--", "%' AND 1=1", "\\'; --", "'||(SELECT 1)||'", "1 AND SLEEP(5)"]; // biome-ignore format: one list
const paths = ["../../etc/passwd", "..\\..\\windows", "/etc/shadow", "....//....//etc", "%2e%2e%2f", "%c0%ae%c0%ae/", "file:///etc/passwd", "C:\\nul", "CON", "~root", ".", "..", "//server/share", "a/../../b", "\u0000.txt"]; // biome-ignore format: one list
const terminal = ["\u001b[2J\u001b[H", "\u001b]0;owned\u0007", "\u001b[31mred", "\u001b]8;;http://attacker.invalid\u0007link\u001b]8;;\u0007", "\u001bP$q\u001b\\", "\u001b[6n", "\u001bc", "\u009b31m", "\u009d0;x\u009c", "a\rOK", "a\u0008\u0008b", "\u0007", "\u000b", "\u000c", "\u0085", "\u2028", "\u2029", "\u007f", "\u001b[?1049h", "\u001b[1;1r"]; // biome-ignore format: one list
const invisible = ["\u202eexe.txt", "\u2066x\u2069", "\u200bzero", "\u200dx", "\ufeffx", "\u00adx", "\u034fx", "\u061cx", "\u180ex", "e\u0301", "\u212bngstr\u00f6m", "ﷺ", "Z\u0351\u036b\u0343", "\ud800", "\udc00x", "👩‍👩‍👧", "раypal", "ＡＢＣ", "İ", "ß"]; // biome-ignore format: one list
const formulas = ["=1+1", "+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://attacker.invalid\")", "\t=1", "\r=1", "＝1+1", "|x", "=IMPORTXML(\"http://attacker.invalid\")", "\"=1\"", ";=1", ",=1"]; // biome-ignore format: one list
const headers = ["x\r\nBcc: all@attacker.invalid", "x\nSubject: other", "x\r\n\r\n<html>", "x%0d%0aSet-Cookie: a=b", "x\r\n.\r\nMAIL FROM:<a@b>", "=?utf-8?q?=0D=0ABcc:_x?=", "x\u0000y", "\"a\"@b <c@d>", "a@b>, <c@d", "x\r\nContent-Type: text/html"]; // biome-ignore format: one list
const addresses = ["http://169.254.169.254/latest/meta-data", "http://127.0.0.1:22", "http://[::1]/", "gopher://127.0.0.1:25/_x", "http://0/", "//attacker.invalid", "http://a@127.0.0.1/"]; // biome-ignore format: one list
const lengths = ["x".repeat(300), "<b>".repeat(200), "\u202e".repeat(100), "ä".repeat(200)];

const kinds = [...markup, ...templates, ...sql, ...paths, ...terminal, ...invisible, ...formulas, ...headers, ...addresses, ...lengths];

/** More than 500, none twice: each by itself, behind a harmless word, and between quotes. */
export const hostileTexts: readonly string[] = [
  ...new Set(kinds.flatMap((text) => [text, `Hall ${text}`, `"${text}'`, `${text} ${text.length}`])),
];
