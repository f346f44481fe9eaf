import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";
import { cloudTopics } from "../../../shared/protocol/topics.ts";

/** Events in the form in which AWS hands them to functions, as its documentation records them; what varies is filled in. */

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly apiKey?: string;
  readonly cookie?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** API Gateway's HTTP API, payload version 2.0. */
export function httpEvent({ method, path, apiKey, cookie, body, headers = {} }: HttpRequest): object {
  const [rawPath, rawQueryString = ""] = path.split("?");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: [cookie] }),
    headers: {
      accept: "*/*",
      "content-type": "application/json",
      host: "cloud.example.com",
      "x-forwarded-for": "198.51.100.7",
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      ...headers,
    },
    requestContext: {
      accountId: "123456789012",
      apiId: "api-id",
      domainName: "cloud.example.com",
      domainPrefix: "cloud",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "198.51.100.7", userAgent: "recorded" },
      requestId: "JKJaXmPLvHcESHA=",
      routeKey: "$default",
      stage: "$default",
      time: "22/Nov/2026:10:00:00 +0000",
      timeEpoch: 1_795_341_600_000,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}

/** The rule's SELECT on a node's message. */
export function ruleEvent(
  { clusterId, nodeId, certificateSha256 }: { readonly clusterId: ClusterId; readonly nodeId: NodeId; readonly certificateSha256: string },
  message: object,
): object {
  const payload = Buffer.from(JSON.stringify(message)).toString("base64");
  return { payload, topic: cloudTopics.events(clusterId, nodeId), clientId: nodeId, certificateSha256 };
}

/** AWS IoT Core's own event of a connection or its end. */
export function lifecycleEvent(
  clientId: string,
  principalIdentifier: string,
  event: {
    readonly eventType: "connected" | "disconnected";
    readonly timestamp: number;
    readonly versionNumber: number;
    readonly disconnectReason?: string;
  },
): object {
  return { clientId, principalIdentifier, sessionIdentifier: "00000000-0000-0000-0000-000000000000", ipAddress: "198.51.100.7", ...event };
}

export function queueEvent(bodies: readonly string[]): object {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `message-${index}`,
      receiptHandle: "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
      body,
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "1795341600000",
        SenderId: "AIDAIENQZJOLO23YVJ4VO",
        ApproximateFirstReceiveTimestamp: "1795341600001",
      },
      messageAttributes: {},
      md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:eu-central-1:123456789012:understudy-presence",
      awsRegion: "eu-central-1",
    })),
  };
}

export const scheduleEvent = {
  version: "0",
  id: "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
  "detail-type": "Scheduled Event",
  source: "aws.scheduler",
  account: "123456789012",
  time: "2026-11-22T10:00:00Z",
  region: "eu-central-1",
  resources: ["arn:aws:scheduler:eu-central-1:123456789012:schedule/understudy/sweep"],
  detail: "{}",
};

/** The table's stream tells of an event that waits for the alerts. */
export const streamEvent = {
  Records: [
    {
      eventID: "c4ca4238a0b923820dcc509a6f75849b",
      eventName: "INSERT",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: "eu-central-1",
      dynamodb: {
        Keys: { pk: { S: "CLUSTER#clus_00000000000000000001" }, sk: { S: "ALERT#x" } },
        NewImage: { pk: { S: "CLUSTER#clus_00000000000000000001" }, sk: { S: "ALERT#x" }, listPk: { S: "PENDING-ALERTS" } },
        SequenceNumber: "111",
        SizeBytes: 26,
        StreamViewType: "NEW_IMAGE",
      },
      eventSourceARN: "arn:aws:dynamodb:eu-central-1:123456789012:table/understudy/stream/2026-11-22T00:00:00.000",
    },
  ],
};
