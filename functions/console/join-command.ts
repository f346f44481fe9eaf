/** The line that a person runs on the new node, where its settings lie. */
export function joinCommand(token: string): string {
  return `understudy agent join --config agent.yaml --token ${token} --wait`;
}
