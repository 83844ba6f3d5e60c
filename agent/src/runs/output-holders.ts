import type { ProcessInfo } from '../processes/process-table.js';
import { readProcessTable } from '../processes/process-table.js';
import { membersOf, type RunMark, signalAll } from '../processes/run-processes.js';

/** How often to look, and how many times in a row a command must be found waiting; milliseconds. */
const LOOK_EVERY_MS = 2_000;
const LOOKS = 5;

/**
 * Programs that wait for the end of an output and do nothing else meanwhile: cabal, and the Setup of a package, which
 * read all that a test suite prints. ghcup calls cabal by its version too.
 */
const READER = /^(?:cabal(?:-[\d.]*)?|setup)$/;

/**
 * Watches for what would have a run never end: a test suite has ended, but left a process behind that has its output open,
 * so that cabal waits for more. When that has lasted for a while, the process is ended.
 * @param onEnded called with the names of the processes that are being ended
 * @returns ends the watch
 */
export function watchOutputHolders(leader: number, run: RunMark, onEnded: (names: string[]) => void): () => void {
  let waiting: { readonly ticks: number; readonly looks: number } | undefined;
  const look = (): void => {
    const table = readProcessTable();
    const tree = treeOf(leader, table);
    if (!tree.every(({ name }) => READER.test(name))) {
      waiting = undefined;
      return;
    }
    const ticks = tree.reduce((sum, { cpuTicks }) => sum + cpuTicks, 0);
    const looks = waiting?.ticks === ticks ? waiting.looks + 1 : 0;
    waiting = { ticks, looks };
    if (looks < LOOKS) return;
    const ours = new Set(tree.map(({ pid }) => pid));
    const members = new Set(membersOf(run));
    const holders = table.filter(({ pid }) => members.has(pid) && !ours.has(pid));
    if (holders.length === 0) return;
    const isFirst = looks === LOOKS;
    signalAll(
      holders.map(({ pid }) => pid),
      isFirst ? 'SIGTERM' : 'SIGKILL',
    );
    if (isFirst) onEnded(holders.map(({ name }) => name));
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
  };
}

/** A process and all that come from it, by the parents that they have now. */
function treeOf(root: number, table: readonly ProcessInfo[]): ProcessInfo[] {
  const tree = table.filter(({ pid }) => pid === root);
  for (const { pid } of tree) tree.push(...table.filter(({ parent, state }) => parent === pid && state !== 'Z'));
  return tree;
}
