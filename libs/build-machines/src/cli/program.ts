import { Command, CommanderError } from 'commander';
import { addBridge } from './commands/bridge.js';
import { addDoctor } from './commands/doctor.js';
import { addHub } from './commands/hub.js';
import { addLogs } from './commands/logs.js';
import { addMachines } from './commands/machines.js';
import { addQemu } from './commands/qemu.js';
import { addQueue } from './commands/queue.js';
import { addRuns } from './commands/runs.js';
import { exitCode } from './exit-codes.js';
import type { Surroundings } from './surroundings.js';

/** Sets the exit status that the command ends with; without it, success. */
export type Finish = (status: number) => void;

/** Puts the commands together. @param version as `--version` prints it. */
export function createProgram(surroundings: Surroundings, version: string, finish: Finish): Command {
  const program = new Command('build-machines')
    .description('Build machines of this workstation: what is missing, who is there, what runs.')
    .version(version)
    .showHelpAfterError('(build-machines --help lists the commands)')
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
    })
    .exitOverride();
  addDoctor(program, surroundings, finish);
  addMachines(program, surroundings);
  addRuns(program, surroundings);
  addQueue(program, surroundings);
  addLogs(program, surroundings);
  addHub(program, surroundings);
  addBridge(program, surroundings, finish);
  addQemu(program, surroundings);
  return program;
}

/**
 * Runs a command line.
 * @param args without the program's name.
 * @returns the exit status. Errors that a user can mend are thrown: the entry prints them.
 */
export async function runCommandLine(
  args: readonly string[],
  surroundings: Surroundings,
  version: string,
): Promise<number> {
  let status: number = exitCode.success;
  const program = createProgram(surroundings, version, (finished) => {
    status = finished;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    // Commander has printed what was wrong; help and version end this way too, with status 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.success : exitCode.usage;
    throw error;
  }
}
