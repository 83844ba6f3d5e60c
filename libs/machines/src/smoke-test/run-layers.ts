import { BuildMachinesError } from '@build-machines/protocol';

/** One thing that must work. */
export interface SmokeLayer {
  readonly id: string;
  /** What is checked, for people. */
  readonly title: string;
  /** Layers without which this one cannot be judged; when one of them failed, it is skipped. */
  readonly needs: readonly string[];
  /** Resolves with what was found, in a few words; rejects when it does not work. */
  readonly check: (signal: AbortSignal) => Promise<string>;
  /** What to do when it does not work, unless the error itself has a hint. */
  readonly fix: string;
  /** Longest time that it may take, in milliseconds. */
  readonly withinMs: number;
}

/** How one layer fared. */
export type LayerResult =
  | {
      readonly id: string;
      readonly title: string;
      readonly status: 'passed';
      readonly ms: number;
      readonly found: string;
    }
  | {
      readonly id: string;
      readonly title: string;
      readonly status: 'failed';
      readonly ms: number;
      readonly problem: string;
      readonly fix: string;
    }
  | { readonly id: string; readonly title: string; readonly status: 'skipped'; readonly because: string };

/**
 * Checks layers in their order. A failure does not end the test: whatever does not need the failed layer is still
 * checked, so that one run shows all that is wrong.
 * @param now milliseconds on a clock that only goes forward.
 * @throws the reason of `signal` when that aborts.
 */
export async function runLayers(
  layers: readonly SmokeLayer[],
  options: {
    readonly onResult?: (result: LayerResult) => void;
    readonly signal?: AbortSignal;
    readonly now?: () => number;
  } = {},
): Promise<LayerResult[]> {
  const { onResult = () => undefined, signal, now = () => performance.now() } = options;
  const results: LayerResult[] = [];
  const broken = new Set<string>();
  for (const layer of layers) {
    signal?.throwIfAborted();
    const because = layer.needs.find((id) => broken.has(id));
    const result: LayerResult =
      because === undefined
        ? await runLayer(layer, signal, now)
        : { id: layer.id, title: layer.title, status: 'skipped', because };
    signal?.throwIfAborted();
    if (result.status !== 'passed') broken.add(layer.id);
    results.push(result);
    onResult(result);
  }
  return results;
}

async function runLayer(layer: SmokeLayer, signal: AbortSignal | undefined, now: () => number): Promise<LayerResult> {
  const { id, title, withinMs } = layer;
  const limit = AbortSignal.timeout(withinMs);
  const bounded = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const start = now();
  const took = (): number => Math.round(now() - start);
  try {
    const found = await Promise.race([layer.check(bounded), rejectOn(bounded)]);
    return { id, title, status: 'passed', ms: took(), found };
  } catch (error) {
    const problem = limit.aborted
      ? `no answer within ${withinMs / 1000} s`
      : error instanceof Error
        ? error.message
        : String(error);
    const hint = error instanceof BuildMachinesError ? error.hint : '';
    return { id, title, status: 'failed', ms: took(), problem, fix: hint === '' ? layer.fix : hint };
  }
}

/** For a check that does not heed its signal. */
function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
