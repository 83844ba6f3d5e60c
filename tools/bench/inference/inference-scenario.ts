import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inferNodes } from '../../../libs/build-machines/src/graph/create-nodes.js';
import { parsePluginOptions } from '../../../libs/build-machines/src/graph/plugin-options.js';
import { generateWorkspace } from './generate-workspace.js';

/** Milliseconds that the computation of the nodes took. */
export interface InferenceTimes {
  readonly packages: number;
  /** Nothing kept from before. */
  readonly cold: number;
  /** Nothing changed since. */
  readonly warm: number;
  /** One module changed since. */
  readonly edited: number;
  /** Size of the inferred configuration as JSON, in bytes. */
  readonly bytes: number;
}

/** Generates a workspace and infers it: first, again, and after an edit. The best of five where it is repeatable. */
export function measureInference(packages: number): InferenceTimes {
  const root = mkdtempSync(join(tmpdir(), 'bench-inference-'));
  try {
    const files = generateWorkspace(root, packages);
    const context = { workspaceRoot: root, nxJsonConfiguration: { namedInputs: { haskell: ['default'] } } };
    const infer = () => inferNodes(files, parsePluginOptions({}), context, {});
    const [cold, nodes] = timed(infer);
    const warm = best(() => timed(infer)[0]);
    const edited = best(() => {
      appendFileSync(join(root, 'packages', 'p0', 'src', 'M1.hs'), '-- edited\n');
      return timed(infer)[0];
    });
    return { packages, cold, warm, edited, bytes: JSON.stringify(nodes).length };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function timed<T>(run: () => T): [milliseconds: number, result: T] {
  const start = performance.now();
  const result = run();
  return [performance.now() - start, result];
}

function best(run: () => number): number {
  return Math.min(...Array.from({ length: 5 }, run));
}
