import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { describe, expect, it } from "vitest";
import { SnsNotifier } from "../../../../functions/notify/sns-notifier.ts";
import { sampleAlert } from "../../notify/sample-alert.ts";
import { runningEndpoint } from "./running-endpoint.ts";
import { SmtpInbox } from "./smtp-inbox.ts";

/** The text of a mail, with soft line breaks and escapes of quoted-printable undone. */
function textOf(source: string): string {
  return source.replace(/=\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

describe("SNS endpoint: e-mail", () => {
  it("a subscription: confirmed by the link in the mail; the alert comes as its own text, with a link that stops it", async () => {
    await using inbox = await SmtpInbox.open();
    await using running = await runningEndpoint({ smtpUrl: inbox.url, emailFrom: "alerts@example.com" });
    const { client } = running;
    const create = new CreateTopicCommand({ Name: "alerts", Attributes: { DisplayName: "Understudy" } });
    const { TopicArn = "" } = await client.send(create);
    await client.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: "operator@example.com" }));
    await inbox.waitFor(1);
    const link = /http:\/\/\S+Action=ConfirmSubscription\S+/.exec(textOf(inbox.mails[0]?.source ?? ""))?.[0] ?? "";
    expect((await fetch(link)).status).toBe(200);

    const alert = sampleAlert();
    await new SnsNotifier(client).publish(TopicArn, alert);
    const [, mail] = await inbox.waitFor(2);
    expect(mail?.from).toContain("<alerts@example.com>");
    expect(mail?.to).toEqual([expect.stringContaining("<operator@example.com>")]);
    const text = textOf(mail?.source ?? "");
    expect(text).toContain("From: Understudy <alerts@example.com>");
    expect(text.replaceAll("\n ", " ")).toContain(`Subject: ${alert.subject}`);
    expect(text).toContain(alert.emailText);
    expect(text).toMatch(/Action=Unsubscribe&SubscriptionArn=/);
  });

  it.each(["no-address", "a@b.example\r\nBcc: c@example.com", "a@b.example,c@example.com", "<a@example.com>"])(
    "%j is no address: refused",
    async (endpoint) => {
      await using running = await runningEndpoint({ smtpUrl: "smtp://127.0.0.1:9" });
      const { TopicArn } = await running.client.send(new CreateTopicCommand({ Name: "alerts" }));
      const subscribe = running.client.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: endpoint }));
      await expect(subscribe).rejects.toMatchObject({ name: "InvalidParameterException", message: expect.stringContaining("Endpoint") });
    },
  );
});
