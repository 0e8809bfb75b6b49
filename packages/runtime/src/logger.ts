import winston from "winston";
import { RotatingFile } from "./rotating-file.ts";
import { redactFields, redactText } from "./log-redaction.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogMeta = Readonly<Record<string, unknown>>;

/** What code that logs needs. An Error in `meta` (under any key) is written with stack and cause. */
export interface Logger {
  debug(msg: string, meta?: LogMeta): void;
  info(msg: string, meta?: LogMeta): void;
  warn(msg: string, meta?: LogMeta): void;
  error(msg: string, meta?: LogMeta): void;
  /** A logger that adds `meta` to each of its lines and writes to the same places. */
  child(meta: LogMeta): Logger;
}

/** The logger of a process. Whoever created it closes it, last of all. */
export interface RootLogger extends Logger {
  /** Resolves when every line is handed to the operating system. */
  close(): Promise<void>;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level?: LogLevel;
  /** Also write JSON lines to this file (usually `logs/app.log`); its folder is created. 5 files of 10 MB are kept. */
  readonly file?: string | null;
  /** Readable lines on the console instead of JSON. Default: when the console is a terminal. */
  readonly pretty?: boolean;
  /** Where console lines go. Default: stdout. */
  readonly stream?: NodeJS.WritableStream;
}

const fileBytes = 10 * 1024 * 1024;
const fileCount = 5;

const reserved = new Set(["time", "level", "service", "msg"]);

function entryOf(info: winston.Logform.TransformableInfo): Record<string, unknown> {
  const fields = info["fields"];
  return { ...(typeof fields === "object" && fields !== null ? fields : {}) };
}

const jsonLine = winston.format.printf((info) => JSON.stringify(entryOf(info)));

function prettyField([key, value]: [string, unknown]): string {
  if (typeof value === "object" && value !== null && "stack" in value && typeof value.stack === "string") {
    return `\n  ${key}: ${value.stack.replaceAll("\n", "\n  ")}`;
  }
  return ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`;
}

const prettyLine = winston.format.printf((info) => {
  const { time, level, service, msg, ...rest } = entryOf(info);
  const clock = String(time).slice(11, 23);
  return `${clock} ${String(level).padEnd(5)} ${String(service)} ${String(msg)}${Object.entries(rest).map(prettyField).join("")}`;
});

function consoleTransport({ stream = process.stdout, pretty }: LoggerOptions): winston.transport {
  const readable = pretty ?? ("isTTY" in stream && stream.isTTY === true);
  return new winston.transports.Stream({ stream, format: readable ? prettyLine : jsonLine });
}

function loggerOver(sink: winston.Logger, base: Readonly<Record<string, unknown>>): Logger {
  const write = (level: LogLevel, msg: string, meta?: LogMeta): void => {
    // Asked first: what nobody will read is not worth walking through.
    if (!sink.isLevelEnabled(level)) return;
    const { service, ...inherited } = base;
    const own = meta === undefined ? {} : safe(meta);
    const fields = {
      time: new Date().toISOString(),
      level,
      service,
      msg: redactText(msg),
      ...inherited,
      ...own,
    };
    sink.log({ level, message: "", fields });
  };
  return {
    debug: (msg, meta) => write("debug", msg, meta),
    info: (msg, meta) => write("info", msg, meta),
    warn: (msg, meta) => write("warn", msg, meta),
    error: (msg, meta) => write("error", msg, meta),
    child: (meta) => loggerOver(sink, { ...base, ...safe(meta) }),
  };
}

/** Made safe, and kept from overwriting the fields that every line has. */
function safe(meta: LogMeta): Record<string, unknown> {
  const fields = redactFields(meta);
  for (const key of Object.keys(fields)) {
    if (!reserved.has(key)) continue;
    fields[`${key}_`] = fields[key];
    delete fields[key];
  }
  return fields;
}

/** A Winston logger: JSON lines with `time, level, service, msg` and the fields of `meta`, made safe by log-redaction. */
export function createLogger(options: LoggerOptions): RootLogger {
  // A full disk must not take the process down; stderr is all that is left to say it on.
  const onError = (error: unknown): void => {
    process.stderr.write(`log output failed: ${error instanceof Error ? error.message : String(error)}\n`);
  };
  const limits = { maxBytes: fileBytes, maxFiles: fileCount, onError };
  const file = options.file ? new RotatingFile({ file: options.file, ...limits }) : undefined;
  const sink = winston.createLogger({
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    level: options.level ?? "info",
    transports: [
      consoleTransport(options),
      ...(file ? [new winston.transports.Stream({ stream: file, format: jsonLine })] : []),
    ],
  });
  sink.on("error", onError);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      await new Promise((resolve) => sink.once("finish", resolve).end());
      if (file) await new Promise<void>((resolve) => file.once("close", resolve).end());
    })();
    return closing;
  };
  return { ...loggerOver(sink, { service: options.service }), close };
}
