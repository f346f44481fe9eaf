/** Health command of the customer's application: exit 0 when it answers at the address given, 1 when not. */
const address = process.argv[2];
if (address === undefined) {
  console.error("usage: application-health URL");
  process.exit(2);
}
try {
  const response = await fetch(address, { signal: AbortSignal.timeout(1_000) });
  process.exit(response.ok ? 0 : 1);
} catch (error) {
  console.error(`no answer from ${address}: ${String(error)}`);
  process.exit(1);
}
