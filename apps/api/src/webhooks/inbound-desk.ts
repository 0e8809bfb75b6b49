import {
  addSuppression,
  storeInbound,
  transaction,
  writeAudit,
  type Database,
  type InboundRow,
  type Transaction,
  type WebhookDevice,
} from "@pregonero/db";
import { asksToStop, maskPhone } from "@pregonero/domain";
import type { InboundReport } from "./report.ts";

/** Takes in what people write. Who asks for no more messages is on the list with the same commit. */
export class InboundDesk {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Harmless twice. Rejects when the database cannot be asked. */
  async receive(device: WebhookDevice, reports: readonly InboundReport[]): Promise<void> {
    if (reports.length === 0) return;
    const rows = reports.map((report) => ({
      ...report,
      text: report.text === null ? null : storable(report.text),
      tenantId: device.tenantId,
      deviceId: device.id,
    }));
    await transaction(this.#db, async (tx) => {
      for (const row of await storeInbound(tx, rows)) {
        if (row.text !== null && asksToStop(row.text)) await suppress(tx, row);
      }
    });
  }
}

async function suppress(tx: Transaction, { tenantId, deviceId, phone, text }: InboundRow): Promise<void> {
  await addSuppression(tx, tenantId, { phone, reason: `wrote "${text?.trim() ?? ""}"` });
  await writeAudit(
    tx,
    { tenantId, actor: `device:${deviceId}` },
    { action: "suppression.add", subject: `phone:${maskPhone(phone)}` },
  );
}

/** Postgres holds no NUL and no half of a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll(/[\0\p{Surrogate}]/gu, "\uFFFD");
}
