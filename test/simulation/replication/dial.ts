import type { NodeId } from "../../../shared/domain/ids.ts";
import type { Machine } from "./machine.ts";
import { StreamEnd, type StreamOwner } from "./wire.ts";

const patienceMs = 3_000;

export interface Dialled {
  readonly opened: (end: StreamEnd) => void;
  readonly failed: (reason: string) => void;
}

/** Opens a stream to a peer: there and back, if the way is free and an agent that counts this node as a member runs there. Nobody hears of it once `dialler` is gone. */
export function dial(machine: Machine, dialler: StreamOwner, peer: NodeId, { opened, failed }: Dialled): void {
  const { world, node } = machine;
  const { wire } = world;
  const after = (ms: number, run: () => void): void => world.after(ms, () => dialler.isAlive && run());
  const underwayMs = (): number => wire.delayUs() / 1_000;
  after(underwayMs(), () => {
    const target = world.machines.find((one) => one.node === peer);
    if (!wire.canTalk(node, peer) || target === undefined || !target.isOn) {
      return after(patienceMs, () => failed("no TLS handshake in time"));
    }
    const { agent } = target;
    if (agent === undefined || !target.order.includes(node)) return after(underwayMs(), () => failed("connection refused"));
    const [here, there] = [new StreamEnd(dialler, node, peer, world.nowUs), new StreamEnd(agent, peer, node, world.nowUs)];
    // Nothing is read on this side before its handshake is over.
    here.isBusy = true;
    wire.connect(here, there);
    agent.accept(there);
    after(underwayMs(), () => {
      if (here.isClosed) failed("the connection was closed before its handshake");
      else opened(here);
    });
  });
}
