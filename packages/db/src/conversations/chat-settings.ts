import type { ChatSettings, ChatSettingsPatch } from "@pregonero/contracts";
import { defaultOptOutWords } from "@pregonero/domain";
import type { Queryable, Transaction } from "../api/transaction.ts";

const defaults: ChatSettings = {
  time_zone: "UTC",
  business_hours: [],
  opt_out_words: [...defaultOptOutWords],
  opt_out_reply: null,
  hand_over_minutes: 240,
  bot_replies_per_hour: 10,
};

type Row = Omit<ChatSettings, "opt_out_words"> & { readonly opt_out_words: string[] | null };

export async function readChatSettings(db: Queryable, tenantId: number): Promise<ChatSettings> {
  const { rows } = await db.query<Row>({
    name: "read_chat_settings",
    text: `SELECT time_zone, business_hours, opt_out_words, opt_out_reply, hand_over_minutes, bot_replies_per_hour
      FROM chat_settings WHERE tenant_id = $1`,
    values: [tenantId],
  });
  const [row] = rows;
  return row ? { ...row, opt_out_words: row.opt_out_words ?? defaults.opt_out_words } : defaults;
}

/** Mutates; what is not named stays. */
export async function patchChatSettings(
  tx: Transaction,
  tenantId: number,
  patch: ChatSettingsPatch,
): Promise<ChatSettings> {
  const settings = { ...(await readChatSettings(tx, tenantId)), ...(patch as Partial<ChatSettings>) };
  await tx.query(
    `INSERT INTO chat_settings (tenant_id, time_zone, business_hours, opt_out_words, opt_out_reply, hand_over_minutes,
       bot_replies_per_hour) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (tenant_id) DO UPDATE SET time_zone = $2, business_hours = $3, opt_out_words = $4, opt_out_reply = $5,
       hand_over_minutes = $6, bot_replies_per_hour = $7, updated_at = clock_timestamp()`,
    [
      tenantId,
      settings.time_zone,
      JSON.stringify(settings.business_hours),
      JSON.stringify(settings.opt_out_words),
      settings.opt_out_reply,
      settings.hand_over_minutes,
      settings.bot_replies_per_hour,
    ],
  );
  return settings;
}
