import { layerLines, type LayerResult, summaryLine } from '@build-machines/machines';
import { runMachineTask } from '../../machine-task/run-machine-task.js';
import { smokeTest } from '../../machine-task/smoke-test/smoke-test.js';
import { defineExecutor } from '../../options/define-executor.js';
import { Options } from './options.js';

/** Executor `smoke-test`; see options.ts. Fails when a layer does. */
export default defineExecutor(Options, (options, context) => {
  return runMachineTask(options, context, async ({ machine, state, signal }) => {
    const onResult = (result: LayerResult): void => {
      if (!options.json) process.stdout.write(`${layerLines(result).join('\n')}\n`);
    };
    const layers = await smokeTest(machine, state, { path: process.env['PATH'] ?? '', onResult, signal });
    const ok = layers.every(({ status }) => status === 'passed');
    const report = { machine: machine.definition.name, ok, layers };
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${summaryLine(layers)}\n`);
    return ok;
  });
});
