import type { Dependencies } from "../../../functions/dependencies.ts";
import { subscribeAlerts } from "../../../functions/use-cases/alert-subscriptions.ts";
import { sendTestAlert } from "../../../functions/use-cases/send-test-alert.ts";
import type { ClusterId, CustomerId } from "../../../shared/domain/ids.ts";
import { alertLevels } from "../../../shared/domain/incidents/announce.ts";
import { type Alert, alertSchema } from "../../../shared/protocol/alert-schema.ts";
import { HttpInbox } from "../embedded/sns/http-inbox.ts";

const subscribers = { noc: "first", onCall: "first", chief: "escalation" } as const;
type Subscriber = keyof typeof subscribers;

/** Two subscribers of a customer's alerts and one of what nobody acknowledges: HTTP servers that have confirmed. */
export class AlertSubscribers implements AsyncDisposable {
  readonly #dependencies: Dependencies;
  readonly #clusterId: ClusterId;
  readonly #inboxes: Readonly<Record<Subscriber, HttpInbox>>;
  readonly #read: Record<Subscriber, number> = { noc: 0, onCall: 0, chief: 0 };

  private constructor(dependencies: Dependencies, clusterId: ClusterId, inboxes: Readonly<Record<Subscriber, HttpInbox>>) {
    this.#dependencies = dependencies;
    this.#clusterId = clusterId;
    this.#inboxes = inboxes;
  }

  static async open(dependencies: Dependencies, clusterId: ClusterId, customerId: CustomerId): Promise<AlertSubscribers> {
    const inboxes = { noc: await HttpInbox.open(), onCall: await HttpInbox.open(), chief: await HttpInbox.open() };
    for (const [name, level] of Object.entries(subscribers) as [Subscriber, (typeof subscribers)[Subscriber]][]) {
      await subscribeAlerts(dependencies, customerId, { protocol: "http", endpoint: inboxes[name].url, level });
      await inboxes[name].waitFor(1);
      await fetch(inboxes[name].message(0)["SubscribeURL"] ?? "");
    }
    return new AlertSubscribers(dependencies, clusterId, inboxes);
  }

  /**
   * What each was sent since the last call, in the order of its arrival. A test message follows it to every subscriber: messages to one subscriber keep their
   * order, so that nothing is on its way any more once that has come.
   */
  async fresh(): Promise<Readonly<Record<Subscriber, readonly Alert[]>>> {
    const last = new Map<string, string>();
    for (const level of alertLevels) last.set(level, (await sendTestAlert(this.#dependencies, this.#clusterId, level)).alertId);
    const own = async (name: Subscriber) => {
      const inbox = this.#inboxes[name];
      const all = () => inbox.posts.map((_post, index) => inbox.message(index)).flatMap(alertIn);
      while (all().at(-1)?.alertId !== last.get(subscribers[name])) await inbox.waitFor(inbox.posts.length + 1);
      const alerts = all();
      const before = this.#read[name];
      this.#read[name] = alerts.length;
      // The message of an earlier call may come again where the endpoint was ended before it had heard the answer.
      return alerts.slice(before).filter(({ incident }) => incident !== null);
    };
    return { noc: await own("noc"), onCall: await own("onCall"), chief: await own("chief") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const inbox of Object.values(this.#inboxes)) await inbox[Symbol.asyncDispose]();
  }
}

function alertIn({ Type, Message }: Readonly<Record<string, string>>): Alert[] {
  return Type === "Notification" ? [alertSchema.parse(JSON.parse(Message ?? "null"))] : [];
}
