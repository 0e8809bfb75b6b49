import type { BotRuleTerms } from "@pregonero/domain";
import type { Transaction } from "../api/transaction.ts";

/** What the bot has to know of a message before it answers. */
export interface BotView {
  readonly rules: readonly (BotRuleTerms & { readonly reply: string })[];
  readonly contactName: string | null;
  /** By rule. */
  readonly lastAnswers: ReadonlyMap<string, Date>;
  readonly answersInHour: number;
  readonly answersInMinute: number;
  /** The opt-out of this number was confirmed before. */
  readonly confirmed: boolean;
}

interface Row {
  readonly contact_name: string | null;
  readonly rules: readonly {
    id: string;
    kind: BotRuleTerms["kind"];
    keywords: string[];
    match: BotRuleTerms["match"];
    reply: string;
    cooldown_minutes: number;
  }[];
  readonly answers: Readonly<Record<string, string>>;
  readonly in_hour: number;
  readonly in_minute: number;
  readonly confirmed: boolean;
}

/**
 * What is known of a conversation, in one query. The rules are none where the bot keeps quiet: it is off for the device,
 * a person has taken over, the number wants no messages, or is one of the tenant's own devices, which would answer back
 * for ever.
 */
export async function readBotView(tx: Transaction, conversationId: string): Promise<BotView> {
  const { rows } = await tx.query<Row>({
    name: "read_bot_view",
    text: `SELECT coalesce(k.name, k.pushed_name) AS contact_name,
        coalesce((SELECT json_agg(r ORDER BY r.position, r.id) FROM bot_rules r
          WHERE r.tenant_id = c.tenant_id AND r.enabled
            AND (r.device_ids IS NULL OR r.device_ids @> to_jsonb(c.device_id))
            AND EXISTS (SELECT 1 FROM bot_devices b WHERE b.device_id = c.device_id AND b.enabled)
            AND coalesce(c.handed_over_until < clock_timestamp(), true)
            AND NOT EXISTS (SELECT 1 FROM suppressions s WHERE s.tenant_id = c.tenant_id AND s.phone = c.phone)
            AND NOT EXISTS (SELECT 1 FROM devices d WHERE d.tenant_id = c.tenant_id AND d.phone = c.phone
              AND d.deleted_at IS NULL)), '[]') AS rules,
        coalesce((SELECT json_object_agg(a.rule_id, a.at) FROM (
          SELECT a.rule_id, max(a.at) AS at FROM bot_answers a
          WHERE a.conversation_id = c.id AND a.rule_id IS NOT NULL GROUP BY a.rule_id) a), '{}') AS answers,
        (SELECT count(*)::int FROM bot_answers a
          WHERE a.conversation_id = c.id AND a.at > clock_timestamp() - interval '1 hour') AS in_hour,
        (SELECT count(*)::int FROM bot_answers a
          WHERE a.conversation_id = c.id AND a.at > clock_timestamp() - interval '1 minute') AS in_minute,
        EXISTS (SELECT 1 FROM bot_answers a WHERE a.conversation_id = c.id AND a.rule_id IS NULL
          AND a.at > clock_timestamp() - interval '1 day') AS confirmed
      FROM conversations c JOIN contacts k ON k.id = c.contact_id WHERE c.id = $1`,
    values: [conversationId],
  });
  const [row] = rows;
  if (!row) throw new Error("a conversation that a message was just stored in is not there");
  return {
    rules: row.rules.map(({ cooldown_minutes, ...rule }) => ({
      ...rule,
      cooldownMs: cooldown_minutes * 60_000,
    })),
    contactName: row.contact_name,
    lastAnswers: new Map(Object.entries(row.answers).map(([id, at]) => [id, new Date(at)])),
    answersInHour: row.in_hour,
    answersInMinute: row.in_minute,
    confirmed: row.confirmed,
  };
}

/** Notes that a message was answered: once each. Mutates. */
export async function noteBotAnswer(
  tx: Transaction,
  answer: { inboundId: string; conversationId: string; ruleId: string | null; jobId: string },
): Promise<void> {
  await tx.query(
    "INSERT INTO bot_answers (inbound_id, conversation_id, rule_id, job_id) VALUES ($1, $2, $3, $4)",
    [answer.inboundId, answer.conversationId, answer.ruleId, answer.jobId],
  );
}
