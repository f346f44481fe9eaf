import { nodeVoteStore } from "../../agent/storage/node-record.ts";
import { witnessContract } from "./witness-contract.ts";

witnessContract("in process, its record as an agent keeps it", nodeVoteStore);
