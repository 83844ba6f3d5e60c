import type { ExecutorContext } from '@nx/devkit';
import { installOnMachine } from '../../machine-task/install-tools.js';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { Options } from './options.js';

/** Executor `ghc-install`; see options.ts. */
export default function ghcInstall(options: Options, context: ExecutorContext): Promise<{ success: boolean }> {
  const { version, ...parsed } = Options.parse(options);
  return runMachineTask(parsed, context, ({ machine, state, note, signal }) =>
    installOnMachine(machine, state, { kind: 'ghc', version }, { note, signal }),
  );
}
