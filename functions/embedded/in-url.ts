/** A host as it stands in a URL: an IPv6 address gets its brackets. */
export function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
