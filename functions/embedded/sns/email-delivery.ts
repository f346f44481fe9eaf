import { createTransport } from "nodemailer";
import type { Delivery } from "./delivery-table.ts";
import { bodyFor } from "./http-delivery.ts";
import { subscribeUrl, unsubscribeUrl } from "./message-links.ts";

const connectMsMax = 10_000;
const silenceMsMax = 30_000;

export interface EmailSettings {
  /** `smtp://user:password@host:port` or `smtps://...`. Never logged: it may hold a password. */
  readonly smtpUrl: string;
  /** The sender's address; without it `no-reply@` and the SMTP server's name. */
  readonly from?: string;
}

export function isSmtpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== "";
}

/** Sends deliveries as e-mail. Throws at once where the URL is none. */
export class EmailDelivery {
  readonly #transport;
  readonly #from: string;
  readonly #publicUrl: string;

  constructor(settings: EmailSettings, publicUrl: string) {
    if (!isSmtpUrl(settings.smtpUrl)) {
      throw new Error("the setting smtpUrl must look like smtp://user:password@host:port or smtps://...");
    }
    this.#from = settings.from ?? `no-reply@${new URL(settings.smtpUrl).hostname}`;
    this.#publicUrl = publicUrl;
    this.#transport = createTransport({
      url: settings.smtpUrl,
      connectionTimeout: connectMsMax,
      greetingTimeout: connectMsMax,
      socketTimeout: silenceMsMax,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  /** Resolves once the SMTP server has taken it; rejects with the reason otherwise, or as soon as `signal` is aborted. */
  async send(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { subject, text } = this.#worded(delivery);
    const sent = this.#transport.sendMail({
      from: { name: delivery.topicDisplayName, address: this.#from },
      to: { name: "", address: delivery.endpoint },
      subject,
      text,
      messageId: `<${delivery.message.messageId}.${delivery.deliveryId}@understudy.invalid>`,
      headers: { "Auto-Submitted": "auto-generated" },
    });
    const stopped = Promise.withResolvers<never>();
    const stop = () => stopped.reject(new Error("the endpoint is stopping"));
    signal.addEventListener("abort", stop, { once: true });
    try {
      await Promise.race([sent, stopped.promise]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  close(): void {
    this.#transport.close();
  }

  #worded(delivery: Delivery): { subject: string; text: string } {
    const { message, topicArn, subscriptionArn, token } = delivery;
    const confirmLink = subscribeUrl(this.#publicUrl, topicArn, token);
    switch (message.type) {
      case "Notification": {
        const footer = `--\nTo stop these messages, open:\n${unsubscribeUrl(this.#publicUrl, subscriptionArn)}\n`;
        return { subject: message.subject ?? "Notification", text: `${bodyFor(delivery)}\n\n${footer}` };
      }
      case "SubscriptionConfirmation":
        return {
          subject: "Please confirm: notifications for this address",
          text: `Somebody asked to send the notifications of\n${topicArn}\nto this address. To agree, open this link within three days:\n\n${confirmLink}\n\nIf it was not you, do nothing: no more messages will come.\n`,
        };
      case "UnsubscribeConfirmation":
        return {
          subject: "No more notifications for this address",
          text: `The notifications of\n${topicArn}\nwill no longer be sent to this address. If that was a mistake, open this link within three days:\n\n${confirmLink}\n`,
        };
    }
  }
}
