import { afterAll, beforeAll, describe } from "vitest";
import { AddressLan, lanProblem } from "../agent/processes/address-lan.ts";
import { resourceContract } from "./resource-contract.ts";

const driver = new URL("../agent/processes/resource-process.ts", import.meta.url).pathname;
const problem = lanProblem();
if (problem !== null) console.warn(`virtual addresses are not held to the contract of resources: ${problem}`);

describe.skipIf(problem !== null)("on a kernel of its own", () => {
  let lan: AddressLan;

  beforeAll(() => {
    lan = new AddressLan();
    lan.addHost("a", ["192.0.2.1/24"]);
    lan.addHost("neighbour", ["192.0.2.2/24"]);
  });
  afterAll(() => lan.close());

  resourceContract("address", () => ({
    kind: "address",
    isThere: () => lan.lifetimeOf("a", "192.0.2.10") !== null || lan.run("a", "nft", "list", "tables") !== "",
    launch: (manner) => {
      const address = manner === "sound" ? "192.0.2.10/24" : "198.51.100.10/24";
      return lan.start("a", process.execPath, driver, JSON.stringify({ kind: "address", name: "front", address }), "contract");
    },
  }));
});
