import { readFileSync } from 'node:fs';
import { MachineAccess } from '@build-machines/machines';
import { connectDirect } from '../connection/direct-transport.js';
import { runRemotely } from '../runs/run-remotely.js';

/**
 * A program for tests of processes beside each other: runs a shell command on machine "box" and prints each progress
 * report as a line of JSON. Arguments: access record, workspace, label, command.
 */
const [, , accessFile = '', workspaceRoot = '', label = '', command = ''] = process.argv;
const access = MachineAccess.parse(JSON.parse(readFileSync(accessFile, 'utf8')));

void runRemotely({
  connect: ({ signal }) => connectDirect(access, { signal }),
  workspaceRoot,
  machine: 'box',
  user: 'tester',
  scope: { roots: ['.'], files: [] },
  command: {
    label,
    prepare: [],
    argv: ['/bin/bash', '-c', command],
    cwd: '.',
    env: {},
    toolchain: {},
    artifacts: null,
    reuse: false,
  },
  onProgress: (progress) => {
    process.stdout.write(`${JSON.stringify(progress)}\n`);
  },
}).then(
  ({ result }) => process.exit(result.exitCode ?? 99),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(98);
  },
);
