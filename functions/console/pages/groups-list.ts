import { html } from "hono/html";
import type { PriorityGroup } from "../../../shared/domain/membership/cluster-document.ts";
import type { GroupMember, GroupStatus } from "../../../shared/domain/monitoring/group-status.ts";
import { type Tone, toneIcon } from "./icons.ts";
import type { Html } from "./markup.ts";
import { duration } from "./moment.ts";
import { resourceWords } from "./resource-words.ts";

const toneOfStanding: Readonly<Record<GroupMember["standing"], Tone>> = {
  operational: "ok",
  standby: "ok",
  ineligible: "warn",
  away: "bad",
};

/** Each group: who holds it, what follows it, and who would be next. */
export function groupsList(groups: readonly GroupStatus[], definitions: readonly PriorityGroup[]): Html {
  return html`<ul class="groups">${groups.map((group) =>
    groupItem(
      group,
      definitions.find((definition) => definition.name === group.name),
    ),
  )}</ul>`;
}

function groupItem(group: GroupStatus, definition: PriorityGroup | undefined): Html {
  const carried = (definition?.resources ?? []).map(resourceWords);
  return html`<li>
    <div class="group-head">
      <span class="chip">${group.name}</span>
      <span class="muted number">epoch ${group.epoch}${group.since === null ? "" : html` · ${duration(group.since)}`}${group.stale ? " · last known" : ""}</span>
    </div>
    <ol class="order">${group.order.map(
      (member) => html`<li class="order-${member.standing}" ${member.reason === "" ? "" : html`title="${member.reason}"`}>
        ${toneIcon(group.stale ? "unknown" : toneOfStanding[member.standing])}<span class="order-name">${member.name}</span>
        <span class="order-word">${member.standing === "ineligible" ? `ineligible: ${member.reason}` : member.standing}</span></li>`,
    )}</ol>
    <p class="sub">${carried.length === 0 ? "no resource follows this group" : html`carries ${carried.join(", ")}`} ·
      failback ${definition?.failback.mode ?? "manual"}</p>
  </li>`;
}
