import { createTransport, type Transporter } from "nodemailer";
import type { Mail } from "./mail.ts";

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** `starttls` insists on it, `implicit` speaks TLS from the first byte, `off` is for a relay on this machine. */
  readonly tls: "starttls" | "implicit" | "off";
  readonly auth: { readonly user: string; readonly pass: string } | null;
  /** `Name <address>` or an address. */
  readonly from: string;
}

export type MailEnd =
  | { readonly ok: true }
  /** `permanent`: the server will never take it for this recipient. */
  | { readonly ok: false; readonly permanent: boolean; readonly error: string };

const timeoutMs = 20_000;

/** Sends mail by one server. */
export class Smtp {
  readonly #transport: Transporter;
  readonly #from: string;

  constructor(settings: SmtpSettings) {
    this.#from = settings.from;
    this.#transport = createTransport({
      host: settings.host,
      port: settings.port,
      secure: settings.tls === "implicit",
      requireTLS: settings.tls === "starttls",
      ignoreTLS: settings.tls === "off",
      ...(settings.auth === null ? {} : { auth: { ...settings.auth } }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      // Nothing of a mail is ever read from a path or an address.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  /** @param id makes the Message-ID: the same when the same is sent again, so that mail programs show it once */
  async send(to: string, mail: Mail, id: string): Promise<MailEnd> {
    const domain = /@([^>\s]+)>?\s*$/.exec(this.#from)?.[1] ?? "pregonero.invalid";
    try {
      await this.#transport.sendMail({
        from: this.#from,
        // As an object: never parsed, so that an address is one recipient and not a list.
        to: { name: "", address: to },
        messageId: `<${id}@${domain}>`,
        headers: { "Auto-Submitted": "auto-generated" },
        ...mail,
      });
      return { ok: true };
    } catch (error) {
      return { ok: false, permanent: isPermanent(error), error: wordsFor(error) };
    }
  }

  close(): void {
    this.#transport.close();
  }
}

/** The recipient or the content was refused for good. A wrong password is not: somebody will put it right. */
function isPermanent(error: unknown): boolean {
  if (!(error instanceof Error) || !("responseCode" in error) || !("code" in error)) return false;
  return error.code !== "EAUTH" && Number(error.responseCode) >= 500;
}

function wordsFor(error: unknown): string {
  if (!(error instanceof Error)) return "the mail could not be sent";
  const code = "code" in error ? ` (${String(error.code)})` : "";
  return `${error.message}${code}`;
}
