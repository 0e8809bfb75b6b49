import { percentage, type DeviceState, type JobProgress, type JobState } from "@pregonero/contracts";
import { maskPhone } from "@pregonero/runtime";
import type { DeviceRow } from "../states/device-states.ts";

export function jobState(job: JobProgress): JobState {
  const { total, sent, delivered, read, failed, cancelled, skipped, unknown } = job;
  const pending = total - sent - failed - cancelled - skipped - unknown;
  const share = percentage(job);
  return {
    job_id: job.id,
    status: job.status,
    status_reason: job.statusReason,
    progress: {
      total,
      sent,
      delivered,
      read,
      failed,
      cancelled,
      skipped,
      unknown,
      pending,
      percentage: share,
    },
    devices_used: job.devicesUsed,
  };
}

/** @param masked as viewers see it: with its QR anybody could link the number */
export function deviceState({ id, state, reason, phone, qr }: DeviceRow, masked: boolean): DeviceState {
  if (!masked) return { device_id: id, state, reason, phone, qr };
  return { device_id: id, state, reason, phone: phone === null ? null : maskPhone(phone), qr: null };
}
