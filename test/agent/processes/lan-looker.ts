import { lookAtLan } from "../../../agent/resources/lan-lookout.ts";
import type { GroupName } from "../../../shared/domain/ids.ts";

/* Looks at the LAN of the namespace that it runs in: `lan-looker.ts ADDRESS/PREFIX...`, each address as a group called by it, prints what was found. */
const groups = process.argv.slice(2).map((address) => ({ group: address as GroupName, addresses: [address] }));
process.stdout.write(JSON.stringify(await lookAtLan(groups)));
