import { replCommand, replComponent } from '@build-machines/haskell';
import { openWarmSession } from '@build-machines/remote';
import { userInfo } from 'node:os';
import { join, relative } from 'node:path';
import type { SessionSurroundings } from '../haskell-task/on-session-machine.js';
import type { ResolvedProject } from '../haskell-task/resolve-task.js';
import { sessionCommand } from '../haskell-task/session-task.js';
import type { HaskellOptions } from '../options/haskell-options.js';
import { DiagnosticLines } from './diagnostic-lines.js';
import { reactionTo } from './reaction.js';
import type { WatchedFolders } from './watched-folders.js';

/** What a watch is asked to do. */
export interface WatchTask extends SessionSurroundings {
  readonly workspaceRoot: string;
  readonly options: HaskellOptions & { readonly component?: string };
}

/** Why a GHCi is there no more: something changed that needs another one, or it ended by itself with a status. */
export type GhciEnd = { readonly kind: 'restart' } | { readonly kind: 'ended'; readonly status: number | null };

/**
 * Keeps one GHCi on the machine and has it reload on every save, until a change needs another GHCi or it ends.
 * @param fresh whether to connect on no account over a connection that exists.
 * @param onOpen called when GHCi was started.
 * @throws as openWarmSession; ConnectionLostError.
 */
export async function warmGhci(
  task: WatchTask,
  folders: WatchedFolders,
  { fresh, onOpen }: { readonly fresh: boolean; readonly onOpen: () => void },
): Promise<GhciEnd> {
  const { workspaceRoot, project, options, machine, console, signal } = task;
  const { haskell, packages } = project;
  const [name = ''] = packages;
  const { component, args } = options;
  const pieces = replCommand({ project: haskell, workspaceRoot, package: name, component, args });
  const pkg = haskell.packages.find((candidate) => candidate.name === name);
  const lines = new DiagnosticLines(name, packageFolders(project, workspaceRoot));
  const session = await openWarmSession({
    connect: machine.connect,
    fresh,
    workspaceRoot,
    machine: machine.machine.definition.name,
    user: userInfo().username,
    sources: task.sources,
    command: sessionCommand({ ...task, pieces }, machine),
    onOutput: (stream, text) => {
      console.report({ type: 'output', stream, text: lines.push(stream, text) });
    },
    signal,
  });
  const ended = session.ended.then(({ exitCode }): GhciEnd => ({ kind: 'ended', status: exitCode }));
  try {
    onOpen();
    session.write(':set prompt ""\n');
    for (;;) {
      folders.cover(session.folders());
      const end = await Promise.race([ended, folders.saved(signal)]);
      if (end !== undefined) return end;
      const changed = await session.sync();
      if (pkg === undefined) return { kind: 'restart' };
      const absolute = changed.map((path) => join(workspaceRoot, path));
      const reaction = reactionTo(absolute, { pkg, loaded: replComponent(pkg, component) });
      if (reaction.kind === 'nothing') continue; // Editors touch files without changing them.
      if (reaction.kind === 'restart') {
        console.note(`${relative(workspaceRoot, reaction.because)} changed; starting GHCi anew`);
        return reaction;
      }
      console.note(`${changed.join(', ')} changed; reloading`);
      session.write(':reload\n');
    }
  } finally {
    ended.catch(() => undefined); // Told above, or of no interest any more.
    await session.close();
  }
}

function packageFolders({ haskell }: ResolvedProject, workspaceRoot: string): Map<string, string> {
  return new Map(haskell.packages.map(({ name, dir }) => [name, relative(workspaceRoot, dir) || '.']));
}
