import type { AddressInfo } from "node:net";
import { simpleParser, type ParsedMail } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface Inbox extends AsyncDisposable {
  readonly port: number;
  /** What has arrived whole, in order. */
  readonly mails: readonly ParsedMail[];
  /** What `take` says about a mail: nothing to take it, an error to refuse it, a promise to wait with the answer. */
  take: (mail: ParsedMail) => Promise<Error | null> | Error | null;
}

/** A real SMTP server on this machine. */
export async function openInbox(options: SMTPServerOptions = {}): Promise<Inbox> {
  const mails: ParsedMail[] = [];
  const inbox = { mails, take: (): Error | null => null } as unknown as {
    -readonly [K in keyof Inbox]: Inbox[K];
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, callback) {
      void (async () => {
        const mail = await simpleParser(stream);
        const refusal = await inbox.take(mail);
        if (refusal === null) mails.push(mail);
        callback(refusal);
      })();
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  inbox.port = (server.server.address() as AddressInfo).port;
  inbox[Symbol.asyncDispose] = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return inbox;
}

/** What smtp-server answers a command with. */
export function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
