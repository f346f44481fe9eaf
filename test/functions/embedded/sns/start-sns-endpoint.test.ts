import { once } from "node:events";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { get } from "node:https";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { CreateTopicCommand, ListTopicsCommand } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startSnsEndpoint } from "../../../../functions/embedded/sns/start-sns-endpoint.ts";
import { endpointOptions, signingHost, snsClient, temporaryFolder } from "./running-endpoint.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await temporaryFolder();
});
afterEach(async () => rm(dataDir, { recursive: true }));

describe("SNS endpoint: start, restart and stop", () => {
  it("the TLS listener: bears the signing host's name, and the authority alone is enough to trust it", async () => {
    const endpoint = await startSnsEndpoint({ ...endpointOptions(dataDir), publicUrl: "http://alerts.example.net:4100" });
    try {
      for (const servername of [signingHost, "localhost", "alerts.example.net"]) {
        const request = get(`${endpoint.tlsUrl}/missing`, { ca: endpoint.certificateAuthorityPem, servername, agent: false });
        const [response] = await once(request, "response");
        expect([response.statusCode, await text(response)]).toEqual([404, expect.stringContaining("NotFound")]);
      }
      expect(await readFile(join(dataDir, "sns-ca.pem"), "utf8")).toBe(endpoint.certificateAuthorityPem);
    } finally {
      await endpoint.close();
    }
  });

  it("a restart: the same keys, private to their user, and the same topics", async () => {
    const first = await startSnsEndpoint(endpointOptions(dataDir));
    await snsClient(first.url).send(new CreateTopicCommand({ Name: "kept" }));
    await first.close();
    const keys = await readFile(join(dataDir, "sns-keys.json"), "utf8");
    expect((await stat(join(dataDir, "sns-keys.json"))).mode & 0o777).toBe(0o600);
    const second = await startSnsEndpoint(endpointOptions(dataDir));
    const { Topics } = await snsClient(second.url).send(new ListTopicsCommand({}));
    expect(Topics).toEqual([{ TopicArn: "arn:aws:sns:eu-central-1:123456789012:kept" }]);
    await second.close();
    expect(await readFile(join(dataDir, "sns-keys.json"), "utf8")).toBe(keys);
  });

  it("another signing host: a new TLS certificate, the authority and the signing key stay", async () => {
    const read = async () => JSON.parse(await readFile(join(dataDir, "sns-keys.json"), "utf8")) as Record<string, unknown>;
    await (await startSnsEndpoint(endpointOptions(dataDir))).close();
    const before = await read();
    await (await startSnsEndpoint({ ...endpointOptions(dataDir), signingHost: "sns.example.net" })).close();
    const after = await read();
    expect(after["tls"]).not.toEqual(before["tls"]);
    expect({ ...after, tls: null }).toEqual({ ...before, tls: null });
  });

  it("a data directory in use, damaged keys, a port in use: each says so and what to do, and leaves nothing behind", async () => {
    const endpoint = await startSnsEndpoint(endpointOptions(dataDir));
    await expect(startSnsEndpoint(endpointOptions(dataDir))).rejects.toThrow(/sns\.sqlite is in use by another process: stop that one/);
    await endpoint.close();

    const blocker = createServer().listen(0, "127.0.0.1");
    await once(blocker, "listening");
    const { port } = blocker.address() as AddressInfo;
    const blocked = startSnsEndpoint({ ...endpointOptions(dataDir), tlsPort: port });
    await expect(blocked).rejects.toThrow(`the SNS endpoint cannot listen on 127.0.0.1 port ${port} (https): the port is in use`);
    blocker.close();
    await (await startSnsEndpoint(endpointOptions(dataDir))).close();

    await writeFile(join(dataDir, "sns-keys.json"), "{");
    await expect(startSnsEndpoint(endpointOptions(dataDir))).rejects.toThrow(
      /sns-keys\.json does not hold the keys .* restore it, or remove it/,
    );
  });

  it.each([
    ["an account id that is none", { accountId: "1" }, /twelve digits/],
    ["a public URL that is none", { publicUrl: "alerts.example.net" }, /publicUrl must look like http/],
    ["an empty secret", { credentials: { accessKeyId: "a", secretAccessKey: "" } }, /must not be empty/],
    ["an SMTP URL that is none", { smtpUrl: "mail.example.com" }, /smtp:\/\/user:password@host:port/],
  ])("%s: refused at the start", async (_, change, message) => {
    await expect(startSnsEndpoint({ ...endpointOptions(dataDir), ...change })).rejects.toThrow(message);
  });
});
