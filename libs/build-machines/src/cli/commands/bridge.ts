import type { Command } from 'commander';
import { bridgeStatus, ensureBridge, stopBridge, type BridgeStatus, type MachineReport } from '@build-machines/remote';
import { exitCode } from '../exit-codes.js';
import { thisBridge } from '../hub/this-bridge.js';
import { printAnswer } from '../output/answer.js';
import { renderTable } from '../output/table.js';
import type { Finish } from '../program.js';
import type { Surroundings } from '../surroundings.js';

interface JsonOption {
  readonly json?: boolean;
}

/** `bridge status|start|stop`: the process that holds relay, hub and warm connections. */
export function addBridge(program: Command, surroundings: Surroundings, finish: Finish): void {
  const bridge = program
    .command('bridge')
    .description('The process that holds the embedded relay, the embedded hub and warm connections');
  const json = ['--json', 'print one JSON document'] as const;
  bridge
    .command('status')
    .description('Show the bridge and, per machine, tunnel, SSH, agent and hub (exit status 1: it does not run)')
    .option(...json)
    .action(async (options: JsonOption) => {
      const status = await bridgeStatus(surroundings.state, surroundings.signal);
      printAnswer(surroundings, options.json, { data: status, text: statusText(status) });
      finish(status.running ? exitCode.success : exitCode.failure);
    });
  bridge
    .command('start')
    .description('Start it unless it runs; builds do so by themselves')
    .option(...json)
    .action(async (options: JsonOption) => {
      const { identity, started } = await ensureBridge({
        ...(await thisBridge(surroundings)),
        signal: surroundings.signal,
      });
      const { relay, hub } = identity.ports;
      printAnswer(surroundings, options.json, {
        data: { started, ...identity },
        text: `The bridge ${started ? 'is started' : 'runs already'} (process ${identity.pid}): relay ${relay}, hub http://127.0.0.1:${hub}\n`,
      });
    });
  bridge
    .command('stop')
    .description('Stop it, with the embedded relay and hub: tunnels break, runs on machines go on')
    .option('--force', 'stop it although it works for somebody')
    .option(...json)
    .action(async ({ force = false, ...options }: JsonOption & { readonly force?: boolean }) => {
      const stopped = await stopBridge(surroundings.state, { force });
      const text = stopped ? 'The bridge is stopped.\n' : 'The bridge was not running.\n';
      printAnswer(surroundings, options.json, { data: { stopped }, text });
    });
}

function statusText(status: BridgeStatus): string {
  if (!status.running)
    return `The bridge is not running; it starts with the next build, or with: npx build-machines bridge start\n\n${machineTable(status.machines)}`;
  const { bridge, relay, hub, machines, notes } = status.report;
  const lines = [
    `bridge  process ${bridge.pid}, since ${bridge.startedAt}`,
    `relay   port ${relay.port}, ${relay.answering ? 'answers' : 'DOES NOT ANSWER'}`,
    `hub     ${hub.url}, ${hub.answering ? 'answers' : 'DOES NOT ANSWER'}`,
  ];
  const noted = notes.map(({ at, text }) => `${at}  ${text}`);
  return `${lines.join('\n')}\n\n${machineTable(machines)}${noted.length === 0 ? '' : `\n${noted.join('\n')}\n`}`;
}

function machineTable(machines: readonly MachineReport[]): string {
  if (machines.length === 0) return 'No machine has been brought up from this workstation.\n';
  return renderTable(
    ['machine', 'reached at', 'tunnel', 'ssh', 'agent', 'problem'],
    machines.map(({ name, sshHost, sshPort, listening, sshOk, agent, latencyMs, error }) => [
      name,
      `${sshHost}:${sshPort}`,
      listening ? 'up' : 'down',
      sshOk ? 'works' : 'fails',
      agent === null ? '' : `${agent.version}${latencyMs === null ? '' : `, ${latencyMs.toFixed(0)} ms`}`,
      error === null ? '' : `${error.message}\n${error.hint}`,
    ]),
  );
}
