import { z } from 'zod';
import { nearest } from './nearest.js';

/** A violation of a schema: where, what, and what mends it. */
export interface DescribedIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly fix: string;
}

/**
 * Puts an issue of zod's in the words of someone who edits the file. Unknown keys become one issue each. The issue has to
 * come of a parse with `reportInput`, without which what is missing cannot be told from what is wrong.
 */
export function describeIssue(schema: z.ZodType, issue: z.core.$ZodIssue): DescribedIssue[] {
  const name = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(schema, issue.path);
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `unknown key "${key}"${name === '' ? '' : ` in "${name}"`}`,
      fix: unknownKeyFix(key, allowed),
    }));
  }
  const missing = 'input' in issue && issue.input === undefined;
  const add = `Add "${String(issue.path.at(-1))}: …" here`;
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String).join(', ');
    return [
      missing
        ? { path: issue.path, message: `"${name}" is missing`, fix: `${add}: one of ${allowed}.` }
        : {
            path: issue.path,
            message: `"${name}" has a value that is not allowed: ${JSON.stringify(issue.input)}`,
            fix: `Write one of ${allowed} for "${name}".`,
          },
    ];
  }
  return missing
    ? [{ path: issue.path, message: `"${name}" is missing`, fix: `${add}.` }]
    : [{ path: issue.path, message: `"${name}": ${issue.message}`, fix: `Correct the value of "${name}".` }];
}

function unknownKeyFix(key: string, allowed: readonly string[]): string {
  const suggestion = nearest(key, allowed);
  const list = allowed.length === 0 ? '' : ` Keys that are known here: ${allowed.join(', ')}.`;
  return suggestion === undefined ? `Remove "${key}".${list}` : `Did you mean "${suggestion}"?${list}`;
}

/** The keys that an object schema knows at a path; none where there is no such object. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let current: unknown = unwrap(schema);
  for (const step of path) {
    if (!(current instanceof z.ZodObject)) return [];
    const shape: Record<string, unknown> = current.shape;
    current = unwrap(shape[String(step)]);
  }
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

function unwrap(schema: unknown): unknown {
  let current = schema;
  while (
    current instanceof z.ZodOptional ||
    current instanceof z.ZodNullable ||
    current instanceof z.ZodDefault ||
    current instanceof z.ZodPrefault
  )
    current = current.unwrap();
  return current;
}
