import type { Check, Finding, Workstation } from './check.js';

/** What one check found, with the page that explains it. */
export interface ExaminedCheck extends Finding {
  readonly id: string;
  readonly title: string;
  readonly guide: string;
}

/** Runs all checks side by side; the report keeps their order. A check that fails says so and hides no other. */
export async function examine(checks: readonly Check[], workstation: Workstation): Promise<ExaminedCheck[]> {
  return Promise.all(
    checks.map(async ({ id, title, inspect }) => ({
      id,
      title,
      ...(await inspect(workstation).catch((error: unknown): Finding => {
        workstation.signal.throwIfAborted();
        return {
          status: 'warning',
          found: `could not be checked: ${error instanceof Error ? error.message : String(error)}`,
        };
      })),
      guide: `docs/guide/doctor.md#${id}`,
    })),
  );
}

/** Whether nothing is missing; warnings do not count. */
export function isHealthy(report: readonly Finding[]): boolean {
  return report.every(({ status }) => status !== 'missing');
}
