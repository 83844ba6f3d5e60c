import type { ExecutorContext } from '@nx/devkit';
import type { z } from 'zod';
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
    let parsed: z.output<S>;
    try {
      parsed = parseOptions(schema, options);
    } catch (error) {
      process.stderr.write(formatError(error));
      return { success: false };
    }
    return body(parsed, context);
  };
}
