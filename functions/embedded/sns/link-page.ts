import { escapeXml } from "./query-xml.ts";

/** What a person sees who opened a link of an e-mail; programs get XML. */
export function linkPage(heading: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeXml(heading)}</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto 0; padding: 0 1rem; }
</style>
<h1>${escapeXml(heading)}</h1>
<p>${escapeXml(text)}</p>
</html>
`;
}

const done: Readonly<Record<string, readonly [string, string]>> = {
  ConfirmSubscription: [
    "Subscription confirmed",
    "From now on, notifications come to this address. Each of them carries a link that stops them.",
  ],
  Unsubscribe: ["Unsubscribed", "No more notifications come to this address."],
};

export function linkDonePage(action: string): string {
  const [heading, text] = done[action] ?? ["Done", ""];
  return linkPage(heading, text);
}
