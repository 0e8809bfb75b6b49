import type { SendFailureCode } from "@pregonero/domain";

/** What a provider's webhook says of one message of ours. */
export interface StatusReport extends Told {
  /** The id that we gave the message. */
  readonly providerMessageId: string;
}

/** The same, of a message that is known by the provider's own name for it alone. */
export interface StatusByProviderRef extends Told {
  readonly deviceId: number;
  readonly providerRef: string;
}

interface Told {
  /** Of the device whose webhook it is: it speaks for this tenant's messages alone. */
  readonly tenantId: number;
  readonly state: "sent" | "delivered" | "read" | "failed";
  /** Of `failed`. */
  readonly failure?: ReportedFailure;
  readonly at: Date;
}

export interface ReportedFailure {
  readonly code: SendFailureCode;
  /** For operators: no message text, no full number. */
  readonly detail: string;
}
