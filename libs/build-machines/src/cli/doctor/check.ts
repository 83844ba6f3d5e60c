import type { LoadedMachine, PortRegistry } from '@build-machines/machines';
import type { InstallHint } from './install-hint.js';
import type { ProgramOutput } from './run-program.js';

/**
 * What a check found. `missing`: something that this workspace's machines need; `warning`: something that will hurt in
 * some cases; `unneeded`: absent, but no machine here asks for it.
 */
export type FindingStatus = 'ok' | 'warning' | 'missing' | 'unneeded';

/** One line of doctor's report. */
export interface Finding {
  readonly status: FindingStatus;
  /** What is there, or is not. */
  readonly found: string;
  /** The command, or else the step, that mends it. */
  readonly fix?: string;
}

/** What checks look at; everything that they learn from the computer comes through here. */
export interface Workstation {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nodeVersion: string;
  /** Runs a program; undefined where there is none of this name. */
  run(program: string, args: readonly string[]): Promise<ProgramOutput | undefined>;
  /** Absolute path of a program; undefined where there is none. */
  find(program: string): Promise<string | undefined>;
  /** Text of a file; undefined where there is none or it may not be read. */
  read(file: string): Promise<string | undefined>;
  readonly install: InstallHint;
  readonly stateFolder: string;
  /** The workspace; undefined outside of one, or where its files are not valid (the check `workspace` says so). */
  readonly workspace:
    { readonly root: string; readonly registry: PortRegistry; readonly machines: readonly LoadedMachine[] } | undefined;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** One thing that doctor looks at. */
export interface Check {
  /** Also the heading in docs/guide/doctor.md that explains it. */
  readonly id: string;
  readonly title: string;
  inspect(workstation: Workstation): Promise<Finding>;
}

/** Whether a machine of the workspace has one of these providers. */
export function hasMachineOf({ workspace }: Workstation, ...providers: readonly string[]): boolean {
  return workspace?.machines.some(({ definition }) => providers.includes(definition.provider)) ?? false;
}
