import type { DeviceKind } from "@pregonero/db";

type State =
  | "queued"
  | "sending"
  | "retrying"
  | "unknown"
  | "sent"
  | "delivered"
  | "read"
  | "failed"
  | "cancelled"
  | "skipped";

export interface MessageRow {
  readonly jobId: string;
  readonly phone: string;
  readonly state: State;
  /** Lookups may still settle it. */
  readonly settling: boolean;
  readonly deviceId: number | null;
  /** Why it is as it is, for people. */
  readonly why: string;
}

export interface JobRow {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  /** As the job's row has them. */
  readonly counters: Readonly<Record<string, number>>;
  /** As the job's lanes have them, by device: "<device> sent", "<device> failed", "<device> unknown". */
  readonly lanes: Readonly<Record<string, number>>;
}

/** What was promised, what the rows say, and what the recipients' phones have. */
export interface View {
  readonly promised: readonly {
    readonly jobId: string;
    readonly kind: DeviceKind;
    readonly phones: readonly string[];
  }[];
  readonly messages: readonly MessageRow[];
  readonly jobs: readonly JobRow[];
  readonly arrivals: readonly { readonly to: string }[];
}

export interface Verdict {
  readonly promised: number;
  /** Not ended, without a row, or said to be sent and never arrived. */
  readonly lost: readonly string[];
  /** Arrived more than once. */
  readonly doubled: readonly string[];
  /** Ended as unknown. */
  readonly unknown: number;
  readonly failed: number;
  /** Whatever else the rows say that is not so. */
  readonly wrong: readonly string[];
}

const sentStates: ReadonlySet<State> = new Set(["sent", "delivered", "read"]);
const endStates: ReadonlySet<State> = new Set([...sentStates, "failed", "cancelled", "skipped", "unknown"]);

/** Holds the promises against the world. Pure. */
export function judge(view: View): Verdict {
  const rows = new Map<string, MessageRow[]>();
  for (const row of view.messages) rows.set(row.phone, [...(rows.get(row.phone) ?? []), row]);
  const arrived = new Map<string, number>();
  for (const { to } of view.arrivals) arrived.set(to, (arrived.get(to) ?? 0) + 1);
  const lost: string[] = [];
  const doubled: string[] = [];
  const wrong: string[] = [];
  for (const { kind, phones } of view.promised) {
    for (const phone of phones) {
      const times = arrived.get(phone) ?? 0;
      arrived.delete(phone);
      if (times > 1) doubled.push(`${kind}: ${phone} arrived ${times} times`);
      const [row, second] = rows.get(phone) ?? [];
      if (second) wrong.push(`${kind}: ${phone} has two rows`);
      if (row === undefined) lost.push(`${kind}: ${phone} has no row`);
      else if (!endStates.has(row.state) || row.settling)
        lost.push(`${kind}: ${phone} is still ${row.state} (${row.why})`);
      else if (sentStates.has(row.state) && times === 0)
        lost.push(`${kind}: ${phone} is ${row.state}, not arrived`);
      else wrong.push(...contradiction(kind, row, times));
    }
  }
  for (const phone of arrived.keys()) wrong.push(`${phone} got a message that nobody ordered`);
  wrong.push(...view.jobs.flatMap((job) => miscounted(job, view.messages)));
  const count = (state: State) => view.messages.filter((message) => message.state === state).length;
  const promised = view.promised.reduce((sum, { phones }) => sum + phones.length, 0);
  return { promised, lost, doubled, unknown: count("unknown"), failed: count("failed"), wrong };
}

/** Of a message that has ended. */
function contradiction(kind: DeviceKind, { phone, state }: MessageRow, times: number): string[] {
  if (sentStates.has(state)) return [];
  if (times > 0 && state === "unknown")
    return [`${kind}: ${phone} is unknown, and arrived: it could be known`];
  if (times > 0) return [`${kind}: ${phone} is ${state}, and arrived`];
  // The session's own store tells of every message: there is nothing that cannot be found out.
  if (state === "unknown" && kind === "whatsapp_web") return [`${kind}: ${phone} is unknown for good`];
  return [];
}

function miscounted(job: JobRow, messages: readonly MessageRow[]): string[] {
  const own = messages.filter(({ jobId }) => jobId === job.id);
  const found: string[] = [];
  const compare = (what: string, said: number | undefined, counted: number): void => {
    if ((said ?? 0) !== counted) found.push(`job ${job.id}: ${what} says ${said ?? 0}, counted ${counted}`);
  };
  const count = (...states: State[]) => own.filter(({ state }) => states.includes(state)).length;
  compare("total", job.total, own.length);
  compare("sending", job.counters["sending"], count("sending"));
  compare("sent", job.counters["sent"], count("sent", "delivered", "read"));
  compare("delivered", job.counters["delivered"], count("delivered", "read"));
  compare("read", job.counters["read"], count("read"));
  for (const state of ["failed", "cancelled", "skipped", "unknown"] as const)
    compare(state, job.counters[state], count(state));
  compare("settling", job.counters["settling"], own.filter(({ settling }) => settling).length);
  for (const [key, said] of Object.entries(job.lanes)) {
    const [device = "", of = ""] = key.split(" ");
    const states: State[] = of === "sent" ? ["sent", "delivered", "read"] : [of as State];
    const counted = own.filter((row) => row.deviceId === Number(device) && states.includes(row.state)).length;
    compare(`lane of device ${key}`, said, counted);
  }
  return found;
}
