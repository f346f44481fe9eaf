import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { createServer, isIPv6, type Server, type Socket } from "node:net";
import { listenError } from "../link/listen-error.ts";

export interface UdpAndTcpOptions {
  readonly host: string;
  readonly port: number;
  /** What the port is for, and the setting that names it: for the error's text. */
  readonly purpose: string;
  readonly setting: string;
  readonly connectionsMax: number;
  readonly onDatagram: (bytes: Buffer, from: { readonly address: string; readonly port: number }, udp: UdpSocket) => void;
  readonly onConnection: (socket: Socket) => void;
}

/** One port over UDP and TCP. Throws `AgentError` ("port-unavailable") where it cannot have both. Closing ends the connections. */
export async function openUdpAndTcp(options: UdpAndTcpOptions): Promise<{ close(): Promise<void> }> {
  const { host, port, purpose, setting, connectionsMax, onDatagram, onConnection } = options;
  const udp = createSocket({ type: isIPv6(host) ? "udp6" : "udp4" });
  const tcp = createServer(onConnection);
  tcp.maxConnections = connectionsMax;
  const open = new Set<Socket>();
  tcp.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  udp.on("message", (bytes, from) => onDatagram(bytes, from, udp));
  // Of one datagram, whose sender asks again.
  udp.on("error", () => {});
  try {
    await Promise.all([bound(udp, host, port), listening(tcp, host, port)]);
  } catch (error) {
    udp.close();
    tcp.close();
    throw listenError(error, { host, port, purpose, setting });
  }
  return {
    close: () =>
      new Promise((resolve) => {
        udp.close();
        tcp.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function bound(socket: UdpSocket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address: host, port, exclusive: true }, resolve);
  });
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
}
