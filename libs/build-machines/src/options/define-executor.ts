import type { ExecutorContext } from '@nx/devkit';
import type { z } from 'zod';
import { keepCacheFolder } from '../nx-cache/keep-cache-folder.js';
import { dependentsOf } from '../not-run/dependents.js';
import { notRunLine } from '../not-run/not-run-line.js';
import { formatError } from '../reporting/report-error.js';
import { parseOptions } from './parse-options.js';

/**
 * An executor as Nx calls it: its options are checked first, so that a mistake in one is told as any other mistake of a
 * user's, and `body` gets them with their defaults.
 */
export function defineExecutor<S extends z.ZodType>(
  schema: S,
  body: (options: z.output<S>, context: ExecutorContext) => Promise<{ success: boolean }>,
): (options: unknown, context: ExecutorContext) => Promise<{ success: boolean }> {
  return async (options, context) => {
    const result = await checked(schema, body, options, context);
    await keepCacheFolder();
    if (!result.success) process.stderr.write(notRun(context));
    return result;
  };
}

async function checked<S extends z.ZodType>(
  schema: S,
  body: (options: z.output<S>, context: ExecutorContext) => Promise<{ success: boolean }>,
  options: unknown,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  let parsed: z.output<S>;
  try {
    parsed = parseOptions(schema, options);
  } catch (error) {
    process.stderr.write(formatError(error));
    return { success: false };
  }
  return body(parsed, context);
}

/** What Nx does not run because this task failed. */
function notRun({ projectName, targetName, configurationName, taskGraph }: ExecutorContext): string {
  const parts = [projectName, targetName, configurationName].filter((part) => part !== undefined && part !== '');
  const taskId = parts.join(':');
  return taskGraph === undefined ? '' : notRunLine(taskId, dependentsOf(taskId, taskGraph));
}
