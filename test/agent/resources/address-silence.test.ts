import { beforeEach, describe, expect, it } from "vitest";
import { AddressSilence, type SeenSilence } from "../../../agent/resources/address-silence.ts";

describe("the silence of an address", () => {
  let over: SeenSilence[] = [];
  let silence: AddressSilence;
  /** Asks at each of these instants, and has the answer a moment later. */
  const answers = (...askedUs: readonly number[]): void => {
    for (const atUs of askedUs) {
      silence.asked(atUs);
      silence.answered(atUs, atUs + 1);
    }
  };
  const isSilent = (...askedUs: readonly number[]): void => {
    for (const atUs of askedUs) silence.asked(atUs);
  };

  beforeEach(() => {
    over = [];
    silence = new AddressSilence((one) => over.push(one));
  });

  it("lies between the last answer and the first question that nobody answered", () => {
    answers(100, 150);
    isSilent(200, 250, 260);
    expect(silence.sighting).toEqual({ answeredUs: 151, unansweredUs: 200 });
  });

  it("an address that answers, or never did, is not silent", () => {
    isSilent(100, 150);
    expect(silence.sighting).toBeNull();
    answers(200);
    expect({ sighting: silence.sighting, over }).toEqual({ sighting: null, over: [] });
  });

  it("is over with the next answer", () => {
    answers(100);
    isSilent(150, 200);
    answers(250);
    expect({ sighting: silence.sighting, over }).toEqual({
      sighting: null,
      over: [{ answeredUs: 101, unansweredUs: 150, endedUs: 251 }],
    });
  });

  it("answers that are late or overtake each other make none", () => {
    answers(100);
    isSilent(150, 160, 170);
    silence.answered(150, 171);
    silence.answered(170, 172);
    silence.answered(160, 173);
    expect(silence.sighting).toBeNull();
    expect(over).toEqual([{ answeredUs: 171, unansweredUs: 160, endedUs: 172 }]);
  });

  it("a long one takes no memory, and is not forgotten", () => {
    answers(100);
    isSilent(...Array.from({ length: 10_000 }, (_, index) => 150 + index * 50));
    expect(silence.sighting).toEqual({ answeredUs: 101, unansweredUs: 150 });
    answers(600_000);
    expect(over).toEqual([{ answeredUs: 101, unansweredUs: 150, endedUs: 600_001 }]);
  });
});
