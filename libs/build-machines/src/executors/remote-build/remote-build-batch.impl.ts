import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { runBatch, type BatchItem } from '../../haskell-task/run-batch.js';
import { parseOptions } from '../../options/parse-options.js';
import { Options } from './options.js';

/** Batch form of `remote-build`: one connection, one sync and one cabal invocation for all tasks that can share them. */
export default function remoteBuildBatch(
  taskGraph: TaskGraph,
  options: Record<string, Options>,
  overrides: Record<string, unknown>,
  context: ExecutorContext,
): AsyncGenerator<BatchItem> {
  return runBatch('build', taskGraph, options, { parse: (value) => parseOptions(Options, value), overrides, context });
}
