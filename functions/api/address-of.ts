import type { Context } from "hono";

/** The address that the request came from: of the socket on Node, as API Gateway tells it on Lambda. */
export function addressOf(context: Context): string {
  const environment = context.env as
    | {
        readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
        readonly requestContext?: { readonly http?: { readonly sourceIp?: string } };
      }
    | undefined;
  return environment?.incoming?.socket?.remoteAddress ?? environment?.requestContext?.http?.sourceIp ?? "unknown";
}
