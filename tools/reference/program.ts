import { stateFolder } from '@build-machines/machines';
import type { Command } from 'commander';
import { createProgram } from '../../libs/build-machines/src/cli/program.js';

/** The command line `build-machines`, to be described and not to be run. */
export function describedProgram(): Command {
  return createProgram(
    {
      cwd: '/',
      env: {},
      state: stateFolder({ BUILD_MACHINES_HOME: '/' }),
      bridgeBundle: '',
      stdout: process.stdout,
      stderr: process.stderr,
      signal: new AbortController().signal,
      now: () => 0,
    },
    '',
    () => undefined,
  );
}
