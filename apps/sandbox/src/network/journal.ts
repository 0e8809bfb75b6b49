import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { OperatorError } from "@pregonero/runtime";
import { z } from "zod";

const ban = z.object({
  kind: z.enum(["temporary", "permanent"]),
  reason: z.string(),
  sends: z.enum(["error", "silent"]),
});

const recordSchema = z.discriminatedUnion("k", [
  z.object({ k: z.literal("account"), phone: z.string() }),
  z.object({ k: z.literal("link"), phone: z.string(), id: z.string(), secret: z.string(), at: z.number() }),
  z.object({ k: z.literal("unlink"), id: z.string() }),
  z.object({ k: z.literal("ban"), phone: z.string(), ban: ban.nullable() }),
  z.object({
    k: z.literal("arrival"),
    to: z.string(),
    from: z.string(),
    id: z.string(),
    text: z.string(),
    at: z.number(),
  }),
  z.object({ k: z.literal("copy"), from: z.string(), id: z.string() }),
  z.object({ k: z.literal("clear") }),
  /** An account of a gateway, as it was registered; null takes it back. */
  z.object({ k: z.literal("gateway"), gateway: z.string(), key: z.string(), value: z.unknown() }),
]);

export type JournalRecord = z.output<typeof recordSchema>;
export type Ban = z.output<typeof ban>;

/** Where changes of the network are written down as they happen. */
export interface Journal {
  append(record: JournalRecord): void;
  close(): void;
}

export const noJournal: Journal = { append: () => undefined, close: () => undefined };

function parseLine(line: string, index: number): JournalRecord {
  try {
    return recordSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new Error(`line ${index + 1} is no record`, { cause });
  }
}

/** Parses what was written before; a line torn by a kill is told by its missing line end and left out. */
function parseLines(content: string): { records: JournalRecord[]; bytes: number } {
  const whole = content.slice(0, content.lastIndexOf("\n") + 1);
  const lines = whole.split("\n").slice(0, -1);
  return { records: lines.map(parseLine), bytes: Buffer.byteLength(whole) };
}

/**
 * Opens the journal and hands what it holds to `replay`, oldest first. Each record is written at once and not
 * buffered: when the process is killed, all that it has ever answered is in the hands of the operating system.
 * @throws OperatorError when the file cannot be used, or a whole line of it is not a record.
 */
export function openJournal(path: string, replay: (record: JournalRecord) => void): Journal {
  try {
    return open(path, replay);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(`SANDBOX_DATA_FILE ${path} cannot be used: ${reason}`, { cause });
  }
}

function open(path: string, replay: (record: JournalRecord) => void): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const { records, bytes } = parseLines(existsSync(path) ? readFileSync(path, "utf8") : "");
  for (const record of records) replay(record);
  const file = openSync(path, "a");
  // Or the next record would be written onto the end of the torn line.
  ftruncateSync(file, bytes);
  return {
    append: (record) => {
      writeSync(file, `${JSON.stringify(record)}\n`);
    },
    close: () => closeSync(file),
  };
}
