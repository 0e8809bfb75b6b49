import { randomInt } from "node:crypto";

export interface HandshakeResult {
  /** 200 and the challenge: the receiver is subscribed. */
  readonly verified: boolean;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  readonly challenge: string;
  /** What came back, at most 1,000 characters. */
  readonly answer: string;
}

const answerTimeoutMs = 10_000;
const shownLength = 1_000;

/** Asks a receiver, as WhatsApp does when a webhook is set up, to prove that it knows the verify token. */
export async function shakeHands(url: string, verifyToken: string): Promise<HandshakeResult> {
  const challenge = String(randomInt(1, 2 ** 31));
  const asked = new URL(url);
  asked.searchParams.set("hub.mode", "subscribe");
  asked.searchParams.set("hub.verify_token", verifyToken);
  asked.searchParams.set("hub.challenge", challenge);
  try {
    const response = await fetch(asked, { redirect: "manual", signal: AbortSignal.timeout(answerTimeoutMs) });
    const answer = (await response.text()).slice(0, shownLength);
    return {
      verified: response.status === 200 && answer === challenge,
      status: response.status,
      challenge,
      answer,
    };
  } catch (error) {
    const answer = error instanceof Error ? error.message : String(error);
    return { verified: false, status: null, challenge, answer };
  }
}
