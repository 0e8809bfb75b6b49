import { randomBytes } from "node:crypto";
import type { Reply } from "../gateway/line.ts";

interface Known {
  readonly status: number;
  readonly title: string;
}

const known = (status: number, title: string): Known => ({ status, title });

/** Codes with the HTTP status and title that WhatsApp's list of errors gives them. */
const catalogue: ReadonlyMap<number, Known> = new Map([
  [0, known(401, "AuthException")],
  [1, known(400, "API Unknown")],
  [2, known(503, "API Service")],
  [4, known(400, "Application request limit reached")],
  [10, known(403, "Application does not have permission for this action")],
  [33, known(400, "Parameter value is not valid")],
  [100, known(400, "Invalid parameter")],
  [190, known(401, "Invalid OAuth access token - Cannot parse access token")],
  [368, known(403, "Temporarily blocked for policies violations")],
  [80007, known(400, "Rate limit issues")],
  [130429, known(400, "Rate limit hit")],
  [130472, known(400, "User's number is part of an experiment")],
  [130497, known(403, "Business account is restricted from messaging users in this country")],
  [131000, known(500, "Something went wrong")],
  [131005, known(403, "Access denied")],
  [131008, known(400, "Required parameter is missing")],
  [131009, known(400, "Parameter value is not valid")],
  [131016, known(500, "Service unavailable")],
  [131021, known(400, "Recipient cannot be sender")],
  [131026, known(400, "Message undeliverable")],
  [131031, known(403, "Business Account locked")],
  [131042, known(400, "Business eligibility payment issue")],
  [131045, known(500, "Incorrect certificate")],
  [131047, known(400, "Re-engagement message")],
  [131048, known(400, "Spam rate limit hit")],
  [131049, known(400, "This message was not delivered to maintain healthy ecosystem engagement")],
  [131050, known(400, "User has stopped marketing messages")],
  [131051, known(400, "Unsupported message type")],
  [131052, known(400, "Media download error")],
  [131053, known(400, "Media upload error")],
  [131056, known(400, "(Business Account, Consumer Account) pair rate limit hit")],
  [131057, known(500, "Account in maintenance mode")],
  [132000, known(400, "Number of parameters does not match the expected number of params")],
  [132001, known(404, "Template name does not exist in the translation")],
  [132005, known(400, "Template hydrated text too long")],
  [132007, known(400, "Template format character policy violated")],
  [132012, known(400, "Parameter format does not match format in the created template")],
  [132015, known(400, "Template is paused")],
  [132016, known(400, "Template is disabled")],
  [132018, known(400, "There's an issue with the parameters in your template")],
  [133010, known(400, "Account not registered")],
]);

function lookUp(code: number): Known {
  // 200 to 299 are all of them permissions.
  if (code >= 200 && code < 300) return known(403, "Permissions error");
  return catalogue.get(code) ?? known(400, "Unknown error");
}

// These stand without their number in front.
const bare = new Set([0, 190]);

export interface GraphErrorOptions {
  /** The whole message, in place of the code's own. */
  readonly message?: string | undefined;
  readonly details?: string | undefined;
  /** HTTP status, in place of the code's own. */
  readonly status?: number | undefined;
  readonly subcode?: number | undefined;
}

/** An error as the Graph API answers it, or as a failed status carries it. */
export class GraphError extends Error {
  readonly code: number;
  readonly title: string;
  readonly status: number;
  readonly details: string | undefined;
  readonly subcode: number | undefined;

  constructor(code: number, options: GraphErrorOptions = {}) {
    const { status, title } = lookUp(code);
    super(options.message ?? (bare.has(code) ? title : `(#${code}) ${title}`));
    this.code = code;
    this.title = title;
    this.status = options.status ?? status;
    this.details = options.details;
    this.subcode = options.subcode;
  }

  toReply(): Reply {
    const { message, code, details, subcode } = this;
    const type = subcode === undefined ? "OAuthException" : "GraphMethodException";
    const error = {
      message,
      type,
      code,
      ...(details === undefined ? {} : { error_data: { messaging_product: "whatsapp", details } }),
      ...(subcode === undefined ? {} : { error_subcode: subcode }),
      fbtrace_id: `A${randomBytes(16).toString("base64url")}`,
    };
    return { status: this.status, body: { error } };
  }

  /** As it stands in the `errors` of a failed status. */
  toWebhook(): object {
    const { code, title, details } = this;
    return {
      code,
      title,
      message: title,
      error_data: { details: details ?? title },
      href: "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    };
  }
}

/** 100: a parameter that must be there is not. */
export const required = (name: string): GraphError =>
  new GraphError(100, { message: `(#100) The parameter ${name} is required.` });

/** 131008: something that this type of message needs is not there. */
export const missing = (details: string): GraphError => new GraphError(131008, { details });

/** 131009 */
export const notValid = (details: string): GraphError => new GraphError(131009, { details });
