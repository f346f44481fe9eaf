import { createSocket } from "node:dgram";
import { isIPv4 } from "node:net";
import type { MulticastAction } from "../../../shared/domain/triggers/trigger.ts";

/** One datagram, out of the network of this node's own address. Nobody answers to it: done is what the kernel has taken. */
export function sendMulticast({ address, port, ttl, text }: MulticastAction, ownHost: string): Promise<string> {
  const socket = createSocket("udp4");
  return new Promise((resolve, reject) => {
    const finish = (error: Error | null): void => {
      socket.close();
      if (error === null) resolve(`sent to ${address}:${port}`);
      else reject(error);
    };
    socket.once("error", finish);
    socket.bind(0, () => {
      try {
        socket.setMulticastTTL(ttl);
        if (isIPv4(ownHost)) socket.setMulticastInterface(ownHost);
      } catch (error) {
        return finish(error instanceof Error ? error : new Error(String(error)));
      }
      socket.send(text, port, address, (error) => finish(error));
    });
  });
}
