import { eventually } from './eventually.js';
import { startProgram, type Ended } from './run-program.js';
import { nxScript, type Workspace } from './workspace.js';

/** An `nx` command on a terminal of its own. */
export interface Terminal {
  type(text: string): void;
  /** Waits until the screen shows something new that matches; what was matched before does not count again. */
  shows(pattern: RegExp): Promise<void>;
  readonly ended: Promise<Ended>;
  /** Ends it, if it still runs. */
  close(): void;
}

/** Starts `nx` on a real pseudo-terminal, which `script` (util-linux) makes, with a window of a given size. */
export function onTerminal(
  workspace: Workspace,
  args: readonly string[],
  window: { readonly columns: number; readonly rows: number },
  env: Readonly<Record<string, string>> = {},
): Terminal {
  const command = [process.execPath, nxScript(workspace), ...args].map(quoted).join(' ');
  const line = `stty columns ${window.columns} rows ${window.rows}; exec ${command}`;
  const program = startProgram('script', ['--quiet', '--flush', '--return', '--command', line, '/dev/null'], {
    cwd: workspace.root,
    env: { ...workspace.workstation.env, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdin: null,
  });
  let seen = 0;
  return {
    type: (text) => {
      program.type(text);
    },
    async shows(pattern) {
      try {
        await eventually(`the terminal shows ${String(pattern)}`, () => {
          const found = pattern.exec(program.output().slice(seen));
          if (found === null) return false;
          seen += found.index + found[0].length;
          return true;
        });
      } catch (error) {
        throw new Error(`${String(error)}; it showed:\n${program.output()}`, { cause: error });
      }
    },
    ended: program.ended,
    close: () => {
      program.signalGroup('SIGKILL');
    },
  };
}

/** A word for the shell that `script` runs its command with. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
