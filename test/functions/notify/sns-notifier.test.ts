import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { GetTopicAttributesCommand, SetTopicAttributesCommand } from "@aws-sdk/client-sns";
import { describe, expect, it } from "vitest";
import { SnsNotifier } from "../../../functions/notify/sns-notifier.ts";
import { runningEndpoint, snsClient } from "../embedded/sns/running-endpoint.ts";
import { customerId } from "./sample-alert.ts";

/** SNS's own answers that no healthy endpoint gives: a server that says them. */
async function answering(status: number, code: string): Promise<{ url: string } & AsyncDisposable> {
  const xml = `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>as told</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
  const server = createServer((_, response) => response.writeHead(status, { "content-type": "text/xml" }).end(xml)).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

describe("SNS notifier: the topic", () => {
  it("somebody set its signature version back: set right again, and the ARN is the same", async () => {
    await using running = await runningEndpoint();
    const notifier = new SnsNotifier(running.client);
    const TopicArn = await notifier.ensureTopic(customerId);
    await running.client.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "SignatureVersion", AttributeValue: "1" }));
    expect(await notifier.ensureTopic(customerId)).toBe(TopicArn);
    const { Attributes } = await running.client.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ SignatureVersion: "2", DisplayName: "Understudy" });
  });
});

describe("SNS notifier: what an SDK error becomes", () => {
  it.each([
    [429, "Throttled", "throttled", true],
    [400, "Throttling", "throttled", true],
    [500, "InternalError", "unavailable", true],
    [503, "ServiceUnavailable", "unavailable", true],
    [404, "NotFound", "not-found", false],
    [400, "InvalidParameter", "refused", false],
    [403, "AuthorizationError", "refused", false],
    [403, "SignatureDoesNotMatch", "refused", false],
  ])("%i %s: %s", async (status, code, expected, retryable) => {
    await using server = await answering(status, code);
    const refused = new SnsNotifier(snsClient(server.url)).ensureTopic(customerId);
    await expect(refused).rejects.toMatchObject({ name: "NotifierError", code: expected, retryable });
    await expect(refused).rejects.toHaveProperty("message", expect.stringContaining("as told"));
    await expect(refused).rejects.toHaveProperty("cause", expect.any(Error));
  });

  it("nobody listens: unavailable", async () => {
    const running = await runningEndpoint();
    const { url } = running.endpoint;
    await running[Symbol.asyncDispose]();
    await expect(new SnsNotifier(snsClient(url)).ensureTopic(customerId)).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });
});
