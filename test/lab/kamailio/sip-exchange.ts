/** A registration or a call, as the side that began it has seen it. Times in milliseconds since 1970. */
export interface SipExchange {
  readonly callId: string;
  readonly begunMs: number;
  /** When its first request, the REGISTER or the INVITE, was answered with 200. */
  readonly acceptedMs: number | null;
  /** Every request of it was answered with 200; of a call also the BYE. */
  readonly isComplete: boolean;
  /** A server has taken its first request into its care (100), and no final answer has come: whoever began it repeats it no more. */
  readonly isStranded: boolean;
  /** How often the first request was sent again. */
  readonly repeats: number;
}

interface Message {
  readonly atMs: number;
  readonly isSent: boolean;
  readonly callId: string;
  /** Number and method, as `CSeq:1 INVITE`. */
  readonly request: string;
  readonly firstLine: string;
}

/** Reads sipp's record of short messages: of each message a line with when, which way, call, CSeq and first line, between tabulators. */
export function readExchanges(record: string): SipExchange[] {
  const byCall = Map.groupBy(record.split("\n").flatMap(readMessage), ({ callId }) => callId);
  return [...byCall.values()].flatMap(exchangeOf);
}

function readMessage(line: string): Message[] {
  const [, , seconds, way, callId, request, firstLine] = line.split("\t");
  if (callId === undefined || request === undefined || firstLine === undefined) return [];
  return [{ atMs: Number(seconds) * 1_000, isSent: way === "S", callId, request, firstLine }];
}

function exchangeOf(messages: readonly Message[]): SipExchange[] {
  const [first] = messages;
  if (first === undefined) return [];
  const answers = messages.filter(({ isSent }) => !isSent);
  const accepted = answers.filter(({ firstLine }) => firstLine.startsWith("SIP/2.0 200"));
  const toFirst = answers.filter(({ request }) => request === first.request);
  // Nobody answers an ACK. A call that nobody could end is none.
  const sent = messages.flatMap(({ isSent, request }) => (isSent && !request.endsWith("ACK") ? [request] : []));
  const requests = new Set(first.request.endsWith("INVITE") ? [...sent, "CSeq:2 BYE"] : sent);
  return [
    {
      callId: first.callId,
      begunMs: first.atMs,
      acceptedMs: accepted.find(({ request }) => request === first.request)?.atMs ?? null,
      isComplete: [...requests].every((request) => accepted.some((answer) => answer.request === request)),
      isStranded: toFirst.length > 0 && toFirst.every(({ firstLine }) => firstLine.startsWith("SIP/2.0 100")),
      repeats: messages.filter(({ isSent, request }) => isSent && request === first.request).length - 1,
    },
  ];
}
