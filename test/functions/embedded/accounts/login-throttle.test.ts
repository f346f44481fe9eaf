import { describe, expect, it } from "vitest";
import { LoginThrottle } from "../../../../functions/embedded/accounts/login-throttle.ts";

describe("login throttle", () => {
  const minute = 60_000;

  it("a few wrong passwords: no wait; then each further one doubles it, up to a quarter of an hour", () => {
    const throttle = new LoginThrottle(3);
    const waits = Array.from({ length: 11 }, () => {
      throttle.failed("a@example.com", 0);
      return throttle.waitMs("a@example.com", 0) / 1_000;
    });
    expect(waits).toEqual([0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
  });

  it("the wait ends by time alone, and only for the name that waits", () => {
    const throttle = new LoginThrottle(1);
    throttle.failed("a@example.com", 0);
    expect(throttle.waitMs("a@example.com", 14_999)).toBe(1);
    expect(throttle.waitMs("a@example.com", 15_000)).toBe(0);
    expect(throttle.waitMs("b@example.com", 0)).toBe(0);
  });

  it("the right password, or an hour of silence: forgotten", () => {
    const throttle = new LoginThrottle(1);
    throttle.failed("a@example.com", 0);
    throttle.succeeded("a@example.com");
    expect(throttle.waitMs("a@example.com", 0)).toBe(0);
    throttle.failed("b@example.com", 0);
    throttle.failed("b@example.com", 61 * minute);
    expect(throttle.waitMs("b@example.com", 61 * minute)).toBe(15_000);
  });

  it("a flood of invented names: the memory stays bounded, the newest are kept", () => {
    const throttle = new LoginThrottle(1);
    for (let name = 0; name < 10_001; name += 1) throttle.failed(String(name), 0);
    expect(throttle.waitMs("0", 0)).toBe(0);
    expect(throttle.waitMs("10000", 0)).toBe(15_000);
  });
});
