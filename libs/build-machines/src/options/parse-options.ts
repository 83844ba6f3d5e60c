import { describeIssue } from '@build-machines/machines';
import { BuildMachinesError } from '@build-machines/protocol';
import type { z } from 'zod';
import { argsAsWritten } from './args-as-written.js';

/** An option of a target has a value that it cannot have, or there is no such option. */
export class OptionsInvalidError extends BuildMachinesError {
  readonly code = 'options-invalid';
  constructor(problems: readonly string[], fixes: readonly string[]) {
    super(`The options of this target cannot be used: ${problems.join('; ')}.`, {
      hint: `${fixes.join('\n')}\nOptions come from the command line, project.json, the plugin's options and targetDefaults in nx.json; --help lists them.`,
    });
  }
}

/**
 * Checks the options of a target and fills in defaults. The schemas that Nx reads leave the checking to this one: Nx
 * ends a batch with a stack trace for an option that does not match.
 * @throws OptionsInvalidError
 */
export function parseOptions<S extends z.ZodType>(schema: S, options: unknown): z.output<S> {
  const parsed = schema.safeParse(argsAsWritten(options), { reportInput: true });
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.flatMap((issue) => describeIssue(schema, issue));
  throw new OptionsInvalidError(
    issues.map(({ message }) => message),
    issues.map(({ fix }) => fix),
  );
}
