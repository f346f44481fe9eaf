import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AddressLan, lanProblem } from "../processes/address-lan.ts";

const looker = new URL("../processes/lan-looker.ts", import.meta.url).pathname;
const [address4, address6] = ["192.0.2.10/24", "2001:db8::10/64"];
const [gateway4, linkAddress] = ["192.0.2.254", "fe80::fe"];

const problem = lanProblem();
if (problem !== null) console.warn(`the LAN is not looked at on a real kernel: ${problem}`);

describe.skipIf(problem !== null)("who answers on the LAN, by a real kernel", () => {
  let lan: AddressLan;

  beforeEach(() => {
    lan = new AddressLan();
    lan.addHost("looker", ["192.0.2.1/24", "2001:db8::1/64", "fe80::1/64"]);
    lan.addHost("holder", ["192.0.2.2/24", "2001:db8::2/64"]);
    lan.addHost("gateway", [`${gateway4}/24`, `${linkAddress}/64`]);
  });

  afterEach(() => lan.close());

  function look(...addresses: string[]): unknown {
    return JSON.parse(lan.run("looker", process.execPath, looker, ...addresses));
  }

  it("an address that somebody has is answered for, and one that nobody has is not; of either family", () => {
    expect(look(address4, address6)).toMatchObject({ answered: [] });
    lan.run("holder", "ip", "address", "add", address4, "dev", "eth0");
    lan.run("holder", "ip", "address", "add", address6, "dev", "eth0", "nodad");
    expect(look(address4, address6)).toMatchObject({ answered: [address4, address6] });
    lan.run("holder", "ip", "address", "delete", address4, "dev", "eth0");
    expect(look(address4, address6)).toMatchObject({ answered: [address6] });
  });

  it("a gateway answers, falls silent, or is not there at all", () => {
    expect(look()).toEqual({ answered: [], gateway: "none" });
    lan.run("looker", "ip", "route", "add", "default", "via", gateway4);
    expect(look()).toEqual({ answered: [], gateway: "answers" });
    lan.run("gateway", "ip", "link", "set", "eth0", "down");
    expect(look()).toEqual({ answered: [], gateway: "silent" });
  });

  it("one of several gateways is enough, and it may be known by its link address alone", () => {
    lan.run("looker", "ip", "route", "add", "default", "via", "192.0.2.77");
    expect(look()).toMatchObject({ gateway: "silent" });
    lan.run("looker", "ip", "-6", "route", "add", "default", "via", linkAddress, "dev", "eth0");
    expect(look()).toMatchObject({ gateway: "answers" });
  });

  it("what cannot be asked for counts as held: only a question that was put and not answered is silence", () => {
    expect(look("198.51.100.10/24")).toMatchObject({ answered: ["198.51.100.10/24"] });
    lan.run("looker", "ip", "address", "add", address4, "dev", "eth0", "valid_lft", "2", "preferred_lft", "2");
    expect(look(address4)).toMatchObject({ answered: [address4] });
  });
});
