import { stripVTControlCharacters } from 'node:util';
import { type ErrorBlock, errorBlocks } from './error-blocks.js';
import { type AccountEntry, failedToBuild, readAccount } from './failure-account.js';
import { packageOfMessage, packagesByFile, type Speaker, speakersOf } from './split-log.js';

/** What cabal wrote, taken apart. */
export interface ReadOutput {
  readonly lines: readonly string[];
  /** For each line, which package it is about. */
  readonly speakers: readonly Speaker[];
  /** What cabal says at the end has failed. */
  readonly account: readonly AccountEntry[];
  /**
   * Errors of which it is not certain which package they are about: several packages are built at the same time, and
   * only some messages name a file that a single package has compiled.
   */
  readonly unattributed: readonly ErrorBlock[];
}

/** Takes the output of a batch apart. */
export function readOutput(output: string): ReadOutput {
  const lines = stripVTControlCharacters(output).split(/\r?\n/);
  const account = readAccount(lines);
  const compilers = packagesByFile(lines);
  const accounted = (line: number): boolean => account.some(({ first, last }) => first <= line && line <= last);
  const failed = failedToBuild(account);
  const unattributed = errorBlocks(lines).filter(
    ({ first, lines: [message = ''] }) =>
      packageOfMessage(message, compilers, failed) === undefined && !accounted(first) && !isVerdict(message),
  );
  return { lines, speakers: speakersOf(lines, account, compilers), account, unattributed };
}

/** What a suite printed stands above its verdict: such a line says nothing by itself. */
function isVerdict(line: string): boolean {
  return /Test suite \S+: FAIL$|^Benchmark /.test(line);
}
