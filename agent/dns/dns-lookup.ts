import { randomInt } from "node:crypto";
import type { DnsServer } from "../../shared/domain/membership/answer-resources.ts";
import { exchange } from "./dns-exchange.ts";
import { type DnsResponse, encodeRequest, opcodes, recordClasses, recordTypes } from "./dns-wire.ts";

/** Asks one server, and for its own knowledge only: no recursion. Rejects where it does not answer. */
export async function lookUp(server: DnsServer, name: string, type: keyof typeof recordTypes): Promise<DnsResponse> {
  const questions = [{ name, type: recordTypes[type], class: recordClasses.IN }];
  const request = encodeRequest({ id: randomInt(0x1_0000), opcode: opcodes.query, questions });
  return (await exchange(server, request)).answer;
}
