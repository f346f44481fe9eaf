import { certificateNotice } from "../../shared/domain/membership/certificate-life.ts";
import type { CertificateStanding } from "./certificate-keeper.ts";

/** Why somebody has to see to this node's certificate, in a sentence; none as long as it renews it by itself in time. */
export function certificateProblems({ from, until, next, problem }: CertificateStanding, nowMs: number): readonly string[] {
  const notice = certificateNotice({ fromMs: Date.parse(from), untilMs: Date.parse(until) }, nowMs);
  if (notice === null || next?.isNamed === true) return [];
  if (notice.daysLeft === 0)
    return [
      `its certificate has expired, at ${until}: its peers go on with it, and the control plane takes nothing from it. Make a token for this node in the console, stop its agent, and run: understudy agent certificate renew --token TOKEN --config FILE`,
    ];
  const left = notice.daysLeft === 1 ? "1 day" : `${notice.daysLeft} days`;
  return [`its certificate expires in ${left} and is not renewed yet: ${problem ?? "the control plane has not named another one"}`];
}
