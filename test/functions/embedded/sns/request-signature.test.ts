import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { describe, expect, it } from "vitest";
import { checkSignature, type ReceivedRequest } from "../../../../functions/embedded/sns/request-signature.ts";
import { credentials, region } from "./running-endpoint.ts";

const minuteMs = 60_000;

/** A request as the SDK signs it, kept in place of being sent. */
async function signedBySdk(config: { region?: string } = {}): Promise<ReceivedRequest> {
  const kept = Promise.withResolvers<ReceivedRequest>();
  const client = new SNSClient({
    region,
    endpoint: "http://sns.example:4100",
    credentials,
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: { method: string; path: string; headers: Record<string, string>; body: string }) => {
        kept.resolve({ ...request, query: "" });
        throw new Error("kept, not sent");
      },
    },
    ...config,
  });
  const command = new PublishCommand({ TopicArn: "arn:aws:sns:eu-central-1:123456789012:alerts", Message: "Fünf Töne & 100 %=+" });
  await expect(client.send(command)).rejects.toThrow("kept, not sent");
  return await kept.promise;
}

const check = (request: ReceivedRequest, nowMs = Date.now(), secretAccessKey = credentials.secretAccessKey) =>
  checkSignature(request, region, { ...credentials, secretAccessKey }, nowMs);

describe("request signature", () => {
  it("signed by the SDK: accepted", async () => {
    const request = await signedBySdk();
    expect(() => check(request)).not.toThrow();
  });

  it("up to 15 minutes away: accepted; further: refused", async () => {
    const request = await signedBySdk();
    expect(() => check(request, Date.now() + 14 * minuteMs)).not.toThrow();
    for (const awayMs of [16 * minuteMs, -16 * minuteMs]) {
      expect(() => check(request, Date.now() + awayMs)).toThrow(
        expect.objectContaining({ code: "SignatureDoesNotMatch", message: expect.stringContaining("expired") }),
      );
    }
  });

  it.each<[string, string, (request: ReceivedRequest) => ReceivedRequest]>([
    ["another body", "SignatureDoesNotMatch", (request) => ({ ...request, body: `${request.body}&Subject=x` })],
    ["a query beside it", "SignatureDoesNotMatch", (request) => ({ ...request, query: "Action=Publish" })],
    ["another path", "SignatureDoesNotMatch", (request) => ({ ...request, path: "/x" })],
    ["another method", "SignatureDoesNotMatch", (request) => ({ ...request, method: "GET" })],
    ["another host", "SignatureDoesNotMatch", (request) => withHeader(request, "host", "elsewhere")],
    ["no Authorization", "MissingAuthenticationToken", (request) => withHeader(request, "authorization", undefined)],
    ["another scheme", "IncompleteSignature", (request) => withHeader(request, "authorization", "Bearer abc")],
    ["no date", "IncompleteSignature", (request) => withHeader(request, "x-amz-date", undefined)],
    ["a date that is none", "SignatureDoesNotMatch", (request) => withHeader(request, "x-amz-date", "20269999T000000Z")],
    ["the host not signed", "IncompleteSignature", (request) => edited(request, ";host;", ";")],
    ["another access key", "InvalidClientTokenId", (request) => edited(request, credentials.accessKeyId, "AKIDSTRANGER")],
    ["another service's scope", "SignatureDoesNotMatch", (request) => edited(request, "/sns/", "/sqs/")],
  ])("%s: %s", async (_, code, change) => {
    const request = change(await signedBySdk());
    expect(() => check(request)).toThrow(expect.objectContaining({ code }));
  });

  it("another secret key: refused", async () => {
    const request = await signedBySdk();
    expect(() => check(request, Date.now(), "another")).toThrow(expect.objectContaining({ code: "SignatureDoesNotMatch" }));
  });

  it("another region: refused", async () => {
    const request = await signedBySdk({ region: "us-east-1" });
    expect(() => check(request)).toThrow(
      expect.objectContaining({ code: "SignatureDoesNotMatch", message: expect.stringContaining("scoped to") }),
    );
  });
});

function withHeader(request: ReceivedRequest, name: string, value: string | undefined): ReceivedRequest {
  const others = Object.fromEntries(Object.entries(request.headers).filter(([other]) => other !== name));
  return { ...request, headers: value === undefined ? others : { ...others, [name]: value } };
}

function edited(request: ReceivedRequest, from: string, to: string): ReceivedRequest {
  return withHeader(request, "authorization", (request.headers["authorization"] ?? "").replace(from, to));
}
