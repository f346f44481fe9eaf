import type { Resource } from "../../../shared/domain/membership/resource.ts";

/** A resource as people know it. */
export function resourceWords(resource: Resource): string {
  return resource.kind === "address" ? `${resource.name} (${resource.address})` : resource.name;
}
