import type { JobContent, Template } from "@pregonero/contracts";
import { sendsOnlyThrough, type Queryable } from "@pregonero/db";

/**
 * The approved template that goes out in place of a stored template's text: when it has one, and every device that may
 * send is of the Cloud API. Others know texts only, and a campaign says the same to everybody.
 */
export async function approvedTemplate(
  db: Queryable,
  tenantId: number,
  template: Template,
  deviceIds: readonly number[] | null,
): Promise<JobContent | null> {
  if (template.provider === null) return null;
  if (!(await sendsOnlyThrough(db, tenantId, "whatsapp_cloud", deviceIds))) return null;
  return { kind: "template", ...template.provider };
}
