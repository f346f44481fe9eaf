/** The links that messages carry: what they do needs no signature, since who holds one got it from us. */
export function subscribeUrl(publicUrl: string, topicArn: string, token: string): string {
  return link(publicUrl, { Action: "ConfirmSubscription", TopicArn: topicArn, Token: token });
}

export function unsubscribeUrl(publicUrl: string, subscriptionArn: string): string {
  return link(publicUrl, { Action: "Unsubscribe", SubscriptionArn: subscriptionArn });
}

function link(publicUrl: string, parameters: Record<string, string>): string {
  const url = new URL("/", publicUrl);
  url.search = new URLSearchParams(parameters).toString();
  return url.href;
}
