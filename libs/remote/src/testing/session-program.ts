import { openSession } from '../sessions/open-session.js';
import { runMachineProgram } from './machine-program.js';
import { script } from './script.js';

/** A program for tests of terminals: opens a session with its own streams. Arguments: access record, workspace, command. */
runMachineProgram((program, [command = '']) =>
  openSession({
    ...program,
    command: script(command, { label: 'test:session' }),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    term: process.env['TERM'],
  }),
);
