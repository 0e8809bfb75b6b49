import type { RejectedRow } from "@pregonero/contracts";
import { maskPhone, type AudiencePlanner } from "@pregonero/domain";
import type { GivenRecipient } from "./recipients.ts";

/** A recipient who gets a message unless they have opted out. */
interface Candidate {
  readonly line: number;
  readonly phone: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface Judged {
  readonly candidates: Candidate[];
  readonly rejections: RejectedRow[];
}

/** Who of a batch can be written to, by what they gave alone. */
export function judge(batch: readonly GivenRecipient[], planner: AudiencePlanner): Judged {
  const candidates: Candidate[] = [];
  const rejections: RejectedRow[] = [];
  for (const { line, phone, variables, malformed } of batch) {
    if (malformed !== undefined) {
      rejections.push({ line, reason: "malformed_row", detail: malformed, phone: maskPhone(phone) });
      continue;
    }
    const planned = planner.plan(phone, variables);
    if (planned.accepted) candidates.push({ line, phone: planned.phone, variables: planned.variables });
    else rejections.push({ line, ...planned.rejection });
  }
  return { candidates, rejections };
}
