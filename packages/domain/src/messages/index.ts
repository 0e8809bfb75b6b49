export { decide, type FailedAttempt, type SendFailureCode, type Verdict } from "./decide.ts";
export { mayBecome, messageStates, type MessageState } from "./state.ts";
