import { type CommandPieces, requireRequestedCompiler } from '@build-machines/haskell';
import type { RunCommand } from '@build-machines/protocol';
import { type ListSources, openSession, type RunProgress } from '@build-machines/remote';
import { userInfo } from 'node:os';
import { type GivenRepository, preparationsOf } from '../git-info/given-repository.js';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import type { HaskellOptions } from '../options/haskell-options.js';
import { passedEnvironment } from './passed-environment.js';
import type { ResolvedProject } from './resolve-task.js';
import { strictnessOfArguments } from './strictness.js';
import { toolchainRequest } from './toolchain-request.js';

/** The parts of a session's command that are Haskell's business. */
export type SessionPieces = Omit<CommandPieces, 'artifacts'>;

/** A command that people or scripts talk to while it runs. */
export interface SessionTask {
  readonly workspaceRoot: string;
  readonly label: string;
  readonly project: ResolvedProject;
  readonly sources: ListSources;
  readonly options: HaskellOptions;
  readonly pieces: SessionPieces;
  readonly env?: Readonly<Record<string, string>>;
  /** The git repository that it is given, where its options ask for one. */
  readonly repository: GivenRepository | undefined;
  readonly report: (progress: RunProgress) => void;
  readonly signal: AbortSignal;
}

/** The command of a session, as the agent takes it. */
export function sessionCommand(
  { options, label, pieces, project, env, repository }: Omit<SessionTask, 'report' | 'sources'>,
  { machine, lock }: Pick<OpenedMachine, 'machine' | 'lock'>,
): RunCommand {
  const toolchain = toolchainRequest(options, machine, lock);
  requireRequestedCompiler(project.haskell.compilers, toolchain.ghc);
  return {
    label,
    prepare: [...preparationsOf(repository, pieces.cwd), ...pieces.prepare],
    argv: pieces.argv,
    cwd: pieces.cwd,
    env: { ...passedEnvironment(options.env, process.env), ...env, ...repository?.env },
    toolchain,
    artifacts: null,
    outputs: {
      folder: pieces.outputFolder,
      packages: [...project.reused],
      strictness: strictnessOfArguments(options.args),
    },
    timeoutSeconds: options.timeoutSeconds,
    reuse: false,
  };
}

/**
 * Runs a command on the machine with this process's terminal, or with its pipes where it has none.
 * @returns the command's exit status; 128 + 15 when a signal ended it.
 */
export async function runSession(task: SessionTask, opened: OpenedMachine): Promise<number> {
  const exit = await openSession({
    connect: opened.connect,
    workspaceRoot: task.workspaceRoot,
    machine: opened.machine.definition.name,
    user: userInfo().username,
    sources: task.sources,
    command: sessionCommand(task, opened),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    term: process.env['TERM'],
    onProgress: task.report,
    signal: task.signal,
  });
  return exit.exitCode ?? 143;
}
