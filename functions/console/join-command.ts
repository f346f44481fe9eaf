/** The line that a person runs on the new node, where its settings lie. */
export function joinCommand(token: string): string {
  return `understudy agent join --config agent.yaml --token ${token} --wait`;
}

/** The line that a person runs on a node that is enrolled already, with its agent stopped. */
export function renewCommand(token: string): string {
  return `understudy agent certificate renew --config agent.yaml --token ${token}`;
}
