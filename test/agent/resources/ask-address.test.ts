import { createServer } from "node:net";
import { expect, it } from "vitest";
import { askAddress } from "../../../agent/resources/ask-address.ts";
import { monotonicUs } from "../../../agent/resources/monotonic.ts";

it("a machine that refuses the connection answers, and so does one that accepts it; each at its instant", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const askedUs = monotonicUs();
  const accepted = await askAddress("127.0.0.1", port, 1_000);
  await new Promise((resolve) => server.close(resolve));
  const refused = await askAddress("127.0.0.1", port, 1_000);
  expect(accepted).toBeGreaterThanOrEqual(askedUs);
  expect(refused).toBeGreaterThanOrEqual(accepted ?? Number.NaN);
});

it("what this machine says itself is no answer", async () => {
  expect(await askAddress("255.255.255.255", 9, 30)).toBeNull();
});
