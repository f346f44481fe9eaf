import type { ClientRequest } from "node:http";

export interface HttpsAnswer {
  readonly status: number;
  readonly body: string;
  /** The header of that name: the server's clock, in whole seconds. */
  readonly date: string | undefined;
}

/** The answer as a whole, as text. Rejects with the connection's own error, or where the answer is longer than `bytesMax`. */
export function httpsAnswer(outgoing: ClientRequest, bytesMax: number): Promise<HttpsAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpsAnswer>();
  outgoing.once("error", reject);
  outgoing.once("response", (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      body += chunk;
      if (body.length > bytesMax) outgoing.destroy(new Error(`its answer is longer than ${bytesMax} bytes`));
    });
    response.once("error", reject);
    response.once("end", () => resolve({ status: response.statusCode ?? 0, body, date: response.headers.date }));
  });
  return promise;
}
