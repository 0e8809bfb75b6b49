import type { Pacing } from "@pregonero/client";

/** A pace as the fields of a form have it: empty text is no limit. */
export interface PaceFields {
  readonly perMinute: string;
  readonly gapMin: string;
  readonly gapMax: string;
  readonly dailyCap: string;
  readonly firstDay: string;
  readonly factor: string;
  readonly quietFrom: string;
  readonly quietTo: string;
  readonly quietOf: "device" | "recipient";
  readonly zone: string;
}

const shown = (value: number | undefined): string => (value === undefined ? "" : String(value));

export function formOf(pacing: Pacing): PaceFields {
  const { gap_ms: gap, warm_up: warmUp, quiet_hours: quiet } = pacing;
  return {
    perMinute: shown(pacing.messages_per_minute),
    gapMin: shown(gap && gap.min / 1_000),
    gapMax: shown(gap && gap.max / 1_000),
    dailyCap: shown(pacing.daily_cap),
    firstDay: shown(warmUp?.first_day),
    factor: shown(warmUp?.factor),
    quietFrom: quiet?.from ?? "",
    quietTo: quiet?.to ?? "",
    quietOf: quiet?.of ?? "device",
    zone: pacing.time_zone ?? "",
  };
}

/** What the form does not show of the pace stays as it is; what is not valid the server says. */
export function pacingOf(fields: PaceFields, known: Pacing): Pacing {
  const [perMinute, dailyCap] = [numberOf(fields.perMinute), numberOf(fields.dailyCap)];
  const [gapMin, gapMax] = [numberOf(fields.gapMin), numberOf(fields.gapMax)];
  const [firstDay, factor] = [numberOf(fields.firstDay), numberOf(fields.factor)];
  return {
    ...(known.messages_per_second === undefined ? {} : { messages_per_second: known.messages_per_second }),
    ...(known.burst === undefined ? {} : { burst: known.burst }),
    ...(perMinute === null ? {} : { messages_per_minute: perMinute }),
    ...(gapMin === null && gapMax === null
      ? {}
      : {
          gap_ms: {
            min: Math.round((gapMin ?? 0) * 1_000),
            max: Math.round((gapMax ?? gapMin ?? 0) * 1_000),
          },
        }),
    ...(dailyCap === null ? {} : { daily_cap: dailyCap }),
    ...(firstDay === null ? {} : { warm_up: { first_day: firstDay, factor: factor ?? 1.5 } }),
    ...(fields.quietFrom === "" || fields.quietTo === ""
      ? {}
      : { quiet_hours: { from: fields.quietFrom, to: fields.quietTo, of: fields.quietOf } }),
    ...(fields.zone === "" ? {} : { time_zone: fields.zone }),
  };
}

function numberOf(text: string): number | null {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}
