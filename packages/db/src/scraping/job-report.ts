import type { JobReport } from "@pregonero/contracts";
import type { Queryable } from "../api/transaction.ts";

/** Certificates that end within these days are named. */
const soonDays = 30;
/** Of each list. */
const most = 20;

const figures = (name: string): string =>
  `json_build_object('average', round(avg(${name})::numeric, 1)::float,
    'median', percentile_cont(0.5) WITHIN GROUP (ORDER BY ${name}),
    'p95', percentile_cont(0.95) WITHIN GROUP (ORDER BY ${name}))`;

const counts = (rows: string): string =>
  `coalesce((SELECT json_agg(json_build_object('name', c.name, 'count', c.count) ORDER BY c.count DESC, c.name) FROM (
    SELECT name, count(*)::int AS count FROM ${rows} GROUP BY name ORDER BY 2 DESC, 1 LIMIT ${most}) c), '[]')`;

const extremes = (column: string): string =>
  `coalesce((SELECT json_agg(json_build_object('report_id', e.id, 'domain', e.name, 'value', e.${column}) ORDER BY e.${column} DESC)
    FROM (SELECT * FROM done WHERE ${column} IS NOT NULL ORDER BY ${column} DESC LIMIT ${most}) e), '[]')`;

/**
 * All reports of a job in one: read from what each step keeps of its report, a few hundred bytes each. Null when the
 * tenant has no such job.
 */
export async function readJobReport(
  db: Queryable,
  tenantId: number,
  jobId: string,
): Promise<JobReport | null> {
  const { rows } = await db.query<{ report: JobReport }>(
    `WITH job AS (SELECT * FROM scraping_jobs WHERE tenant_id = $1 AND id = $2),
     done AS MATERIALIZED (
       SELECT s.id, s.name, s.result_data AS r, (s.result_data ->> 'ttfb_ms')::float AS ttfb_ms,
         (s.result_data ->> 'load_ms')::float AS load_ms, (s.result_data ->> 'bytes')::float AS bytes,
         (s.result_data ->> 'requests')::float AS requests, (s.result_data ->> 'links')::int AS links,
         (s.result_data ->> 'broken_links')::int AS broken_links,
         (s.result_data ->> 'tls_valid_to')::timestamptz AS tls_valid_to, s.result_data ->> 'language' AS language
       FROM scraping_steps s JOIN job ON job.id = s.job_id WHERE s.status = 'completed'
     )
     SELECT json_build_object(
       'job_id', job.id, 'total', job.total, 'completed', job.completed, 'failed', job.failed, 'skipped', job.skipped,
       'failures', coalesce((SELECT json_agg(json_build_object('code', f.code, 'count', f.count) ORDER BY f.count DESC) FROM (
         SELECT s.error_code AS code, count(*)::int AS count FROM scraping_steps s
         WHERE s.job_id = job.id AND s.status IN ('failed', 'skipped') GROUP BY 1) f), '[]'),
       'ttfb_ms', (SELECT ${figures("ttfb_ms")} FROM done), 'load_ms', (SELECT ${figures("load_ms")} FROM done),
       'bytes', (SELECT ${figures("bytes")} FROM done), 'requests', (SELECT ${figures("requests")} FROM done),
       'links', (SELECT coalesce(sum(links), 0)::int FROM done),
       'broken_links', (SELECT coalesce(sum(broken_links), 0)::int FROM done),
       'without_tls', (SELECT count(*)::int FROM done WHERE tls_valid_to IS NULL),
       'tls_ends_soon', coalesce((SELECT json_agg(json_build_object('report_id', t.id, 'domain', t.name,
           'valid_to', t.valid_to) ORDER BY t.valid_to) FROM (
         SELECT id, name, r ->> 'tls_valid_to' AS valid_to FROM done
         WHERE tls_valid_to < now() + interval '${soonDays} days' ORDER BY tls_valid_to LIMIT ${most}) t), '[]'),
       'languages', ${counts("(SELECT lower(split_part(language, '-', 1)) AS name FROM done WHERE language IS NOT NULL) l")},
       'technologies', ${counts("(SELECT jsonb_array_elements_text(r -> 'technologies') AS name FROM done) t")},
       'slowest', ${extremes("load_ms")},
       'heaviest', ${extremes("bytes")}
     ) AS report FROM job`,
    [tenantId, jobId],
  );
  return rows[0]?.report ?? null;
}
