import type { RunCommand } from '@build-machines/protocol';

/** A shell script as a run's command, in the workspace's folder. */
export function script(text: string, more: Partial<RunCommand> = {}): RunCommand {
  return {
    label: 'test:run',
    prepare: [],
    argv: ['/bin/bash', '-c', text],
    cwd: '.',
    env: {},
    toolchain: {},
    artifacts: null,
    reuse: false,
    ...more,
  };
}
