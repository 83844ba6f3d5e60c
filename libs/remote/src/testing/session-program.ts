import { readFileSync } from 'node:fs';
import { MachineAccess } from '@build-machines/machines';
import { connectDirect } from '../connection/direct-transport.js';
import { openSession } from '../sessions/open-session.js';

/** A program for tests of terminals: opens a session with its own streams. Arguments: access record, workspace, command. */
const [, , accessFile = '', workspaceRoot = '', command = ''] = process.argv;
const access = MachineAccess.parse(JSON.parse(readFileSync(accessFile, 'utf8')));

void openSession({
  connect: ({ signal }) => connectDirect(access, { signal }),
  workspaceRoot,
  machine: access.name,
  user: 'tester',
  scope: { roots: ['.'], files: [] },
  command: {
    label: 'test:session',
    prepare: [],
    argv: ['/bin/bash', '-c', command],
    cwd: '.',
    env: {},
    toolchain: {},
    artifacts: null,
    reuse: false,
  },
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  term: process.env['TERM'],
}).then(
  ({ exitCode }) => process.exit(exitCode ?? 99),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(98);
  },
);
