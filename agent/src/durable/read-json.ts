import { BuildMachinesError } from '@build-machines/protocol';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { isErrno } from './errno.js';

/** A file of the agent's own state does not hold what the agent writes there. */
export class StateDamagedError extends BuildMachinesError {
  readonly code = 'agent-state-damaged';
  constructor(file: string, cause: unknown) {
    super(`${file} is not readable as the agent's state: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint: `Stop the agent, move ${file} away and start the agent again; it rebuilds what it needs.`,
      cause,
    });
  }
}

/**
 * Reads a JSON file of the agent's state.
 * @returns undefined when there is no such file.
 * @throws StateDamagedError when it is not JSON or does not match the schema.
 */
export async function readJson<T extends z.ZodType>(file: string, schema: T): Promise<z.infer<T> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new StateDamagedError(file, error);
  }
}
