import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QueueView, Run } from '@build-machines/state-hub';
import { openBrowser } from '../hub-page/chromium.js';
import { eventually } from '../support/eventually.js';
import { journey } from '../support/journey.js';
import { isCacheHit, succeeded } from '../support/nx-output.js';
import { processesOf } from '../support/processes.js';
import type { Running } from '../support/run-program.js';
import { gatedProject, smallProject, wordModule } from '../support/small-project.js';
import { buildMachines, nx, runIn, startNx, writeTree, type Workspace } from '../support/workspace.js';

const MACHINES = ['east', 'west'];
const CLIENTS = ['one', 'two', 'three', 'four'];
const ARTIFACTS = join(__dirname, '../.artifacts/placement');

/** Minutes go by until a machine counts as gone: too long for each change. */
const patiently = process.env['ALL_JOURNEYS'] === 'true' ? it : it.skip;

describe('two machines', () => {
  const workspace = journey({
    machines: MACHINES,
    prepare: async (made) => {
      for (const name of [...CLIENTS, 'lost', 'shown', 'saved', 'alone'])
        writeTree(made, gatedProject(name, gate(made, name)));
      writeTree(made, smallProject('small', 'word'));
      succeeded(await runIn(made, '.', 'git', ['add', '--all']));
      const author = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
      succeeded(await runIn(made, '.', 'git', [...author, 'commit', '--quiet', '--message', 'Begin']));
    },
  });

  it('share the work of four clients, and each that waits is told where in line, and why', async () => {
    const building = CLIENTS.map((name) => startNx(workspace(), ['run', `${name}:remote-build`]));
    const queue = await eventually('two build and two wait', async () => {
      const seen = await ask<QueueView>('queue');
      return seen.leases.length === 2 && seen.waiting.length === 2 && seen;
    });
    expect(queue.leases.map(({ machine }) => machine).sort()).toEqual(MACHINES);
    for (const { label, reasons } of queue.waiting) {
      const [client] = label.split(':');
      const output = building[CLIENTS.indexOf(client ?? '')]!.output;
      await eventually(`${label} is told why it waits`, () => output().includes('Waiting for a machine: '));
      expect(
        reasons.map((reason) => /^(\S+) is busy with \S+ \((\w+:remote-build)\)$/.exec(reason)?.[1]).sort(),
      ).toEqual(MACHINES);
    }
    for (const name of CLIENTS) writeFileSync(gate(workspace(), name), '');
    const outputs = (await Promise.all(building.map(({ ended }) => ended))).map((ended) => succeeded(ended).output);
    const waited = outputs.filter((output) =>
      /Waiting for a machine: (next in line|1 before this).* is busy with/.test(output),
    );
    expect(waited).toHaveLength(2);
    const places = outputs.map((output) => /Runs on (east|west)/.exec(output)?.[1]);
    for (const machine of MACHINES) expect(places.filter((place) => place === machine)).toHaveLength(2);
    expect(await ask<QueueView>('queue')).toEqual({ leases: [], waiting: [] });
  });

  it('have all of that on record, with its log', async () => {
    const runs = await ask<Run[]>('runs');
    expect(runs.map(({ label, outcome }) => `${label} ${outcome}`).sort()).toEqual(
      CLIENTS.map((name) => `${name}:remote-build succeeded`).sort(),
    );
    const head = (await runIn(workspace(), '.', 'git', ['rev-parse', 'HEAD'])).stdout.trim();
    for (const run of runs) {
      expect(run).toMatchObject({ commit: head, user: workspace().workstation.env['USER'], workspace: 'w' });
      expect(run.finish).toMatchObject({ exit_code: 0, cache: 'executed' });
      expect(run.finish?.bytes_sent).toBeGreaterThan(0);
      const log = succeeded(await buildMachines(workspace(), ['logs', run.id])).stdout;
      expect(log).toContain('through the gate');
    }
  });

  it('are taken again by whom they have built for: the mirror is warm', async () => {
    const first = placeIn(succeeded(await nx(workspace(), ['run', 'small:remote-build'])).output);
    for (let again = 0; again < 2; again += 1) {
      const { output } = succeeded(await nx(workspace(), ['run', 'small:remote-build', '--skip-nx-cache']));
      expect(placeIn(output)).toBe(first);
      expect(output).not.toContain('Answered from the record of an identical run');
      expect(output).toContain('Up to date');
    }
  });

  it('stand in for each other: one that is killed under a run frees its lease, and the other does the work', async () => {
    const building = startNx(workspace(), ['run', 'lost:remote-build']);
    await atGate('lost', building);
    const killed = placeIn(building.output());
    const other = MACHINES.find((name) => name !== killed);
    killMachine(workspace(), killed);
    await eventually('it is compiled a second time', () => compilations('lost') === 2);
    const { leases } = await ask<QueueView>('queue');
    expect(leases.map(({ machine, label }) => `${label} on ${machine}`)).toEqual([`lost:remote-build on ${other}`]);
    writeFileSync(gate(workspace(), 'lost'), '');
    const { output } = succeeded(await building.ended);
    expect(output).toMatch(new RegExp(`${killed} was lost under the run .*; the run is placed once more`));
    const runs = (await ask<Run[]>('runs')).filter(({ label }) => label === 'lost:remote-build');
    expect(runs.map(({ machine, outcome }) => `${machine} ${outcome}`)).toEqual([
      `${other} succeeded`,
      `${killed} lost`,
    ]);
  });

  it('that are being drained get no new work, and who waits for them is told', async () => {
    succeeded(await nx(workspace(), ['run', 'east:drain']));
    const elsewhere = succeeded(await nx(workspace(), ['run', 'small:remote-build', '--skip-nx-cache']));
    expect(placeIn(elsewhere.output)).toBe('west');
    const waiting = startNx(workspace(), ['run', 'small:remote-build', '--skip-nx-cache', '--machine=east']);
    await eventually('the reason is told', () => waiting.output().includes('east is being drained'));
    succeeded(await nx(workspace(), ['run', 'east:drain', '--off']));
    expect(succeeded(await waiting.ended).output).toContain('Runs on east');
  });

  it('need not work again for what another checkout has built: the bridge has a remote cache for Nx', async () => {
    const env = JSON.parse(
      succeeded(await buildMachines(workspace(), ['hub', 'cache-env', '--json'])).stdout,
    ) as Record<string, string>;
    writeTree(workspace(), { 'small/src/Word.hs': wordModule('new') });
    /** Builds as a checkout that has a local cache of its own. */
    const buildIn = (checkout: string) => {
      const cache = join(workspace().workstation.root, checkout);
      const own = { NX_CACHE_DIRECTORY: join(cache, 'cache'), NX_WORKSPACE_DATA_DIRECTORY: join(cache, 'data') };
      return nx(workspace(), ['run', 'small:remote-build'], { env: { ...env, ...own } });
    };
    expect(isCacheHit(succeeded(await buildIn('first')), 'small:remote-build')).toBe(false);
    rmSync(join(workspace().root, 'dist'), { recursive: true, force: true });
    const { output } = succeeded(await buildIn('second'));
    expect(output).toContain('[remote cache]');
    expect(existsSync(join(workspace().root, 'dist/remote/.runs/small/remote-build/artifacts.json'))).toBe(true);
  });

  it('are shown at work: who is busy, and what the compiler says now', async () => {
    const building = startNx(workspace(), ['run', 'shown:remote-build']);
    await atGate('shown', building);
    const machine = placeIn(building.output());
    mkdirSync(ARTIFACTS, { recursive: true });
    const browser = await openBrowser({ width: 1440, height: 1000, colorScheme: 'light' });
    try {
      const page = browser.context.pages()[0] ?? (await browser.context.newPage());
      await page.goto((await ask<{ url: string }>('hub', 'open')).url);
      const busy = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: machine }) });
      await busy.getByText('1 of 1').waitFor();
      await page.getByText('waiting at the gate').first().waitFor();
      await page.screenshot({ path: join(ARTIFACTS, 'a-real-build.png'), fullPage: true });
      writeFileSync(gate(workspace(), 'shown'), '');
      await page.getByText('through the gate').first().waitFor();
      succeeded(await building.ended);
      await busy.getByText('0 of 1').waitFor();
      await page.screenshot({ path: join(ARTIFACTS, 'after-it.png'), fullPage: true });
    } finally {
      await browser.close();
    }
  });

  patiently(
    'stand in for each other for good: one that never comes back frees its lease, and the other does the work',
    async () => {
      const building = startNx(workspace(), ['run', 'saved:remote-build']);
      await atGate('saved', building);
      const killed = placeIn(building.output());
      const other = MACHINES.find((name) => name !== killed)!;
      killForGood(workspace(), killed);
      await eventually('it is compiled a second time', () => compilations('saved') === 2, 240_000);
      const { leases } = await ask<QueueView>('queue');
      expect(leases.map(({ machine, label }) => `${label} on ${machine}`)).toEqual([`saved:remote-build on ${other}`]);
      writeFileSync(gate(workspace(), 'saved'), '');
      const { output } = succeeded(await building.ended);
      expect(output).toMatch(new RegExp(`${killed} was lost under the run .*; the run is placed once more`));
      expect(placeIn(output)).toBe(other);
      const runs = (await ask<Run[]>('runs')).filter(({ label }) => label === 'saved:remote-build');
      expect(runs.map(({ machine, outcome }) => `${machine} ${outcome}`)).toEqual([
        `${other} succeeded`,
        `${killed} lost`,
      ]);
    },
  );

  patiently('that no other can stand in for are reported when they never come back, and free their lease', async () => {
    const machines = await ask<{ name: string; hub: { state: string } }[]>('machines');
    const last = machines.find(({ hub }) => hub.state === 'ready')!.name;
    const building = startNx(workspace(), ['run', 'alone:remote-build', `--machine=${last}`]);
    await atGate('alone', building);
    killForGood(workspace(), last);
    const { exitCode, output } = await building.ended;
    expect(exitCode).toBe(1);
    expect(output).toContain(`${last} was lost under the run`);
    expect(output).toMatch(/\[machines-absent\]|\[reconnect-gave-up\]/);
    expect(await ask<QueueView>('queue')).toEqual({ leases: [], waiting: [] });
    const [run] = await ask<Run[]>('runs');
    expect(run).toMatchObject({ label: 'alone:remote-build', machine: last, outcome: 'lost' });
    expect(compilations('alone')).toBe(1);
  });

  /** What a command of the plugin's own command line says of the hub. */
  async function ask<T>(...command: string[]): Promise<T> {
    return JSON.parse(succeeded(await buildMachines(workspace(), [...command, '--json'])).stdout) as T;
  }

  async function atGate(name: string, building: Running): Promise<void> {
    try {
      await eventually(`${name} stops at its gate`, () => existsSync(`${gate(workspace(), name)}.waiting`), 180_000);
    } catch (error) {
      throw new Error(`${String(error)}; the build showed:\n${building.output()}`, { cause: error });
    }
    rmSync(`${gate(workspace(), name)}.waiting`);
  }

  function compilations(name: string): number {
    return readFileSync(`${gate(workspace(), name)}.runs`, 'utf8')
      .trim()
      .split('\n').length;
  }
});

/** The gate at which a project's compilation waits: open when it is there. */
function gate({ workstation }: Workspace, name: string): string {
  return join(workstation.root, `gate-${name}`);
}

/** The machine that a build said it runs on, last. */
function placeIn(output: string): string {
  const places = [...output.matchAll(/Runs on (\S+)/g)].map(([, place]) => place);
  const last = places.at(-1);
  if (last === undefined) throw new Error(`it is not said where it runs:\n${output}`);
  return last;
}

/** Ends a sandbox as a fire would: its disk is gone too, so that nobody can bring it back. */
function killForGood(workspace: Workspace, machine: string): void {
  const folder = join(workspace.workstation.state, 'sandboxes', machine);
  renameSync(folder, join(workspace.workstation.root, `burnt-${machine}`));
  killMachine(workspace, machine);
}

/** Ends all processes of a sandbox at once, as a power cut would. */
function killMachine({ workstation }: Workspace, machine: string): void {
  const folder = join(workstation.state, 'sandboxes', machine);
  const processes = processesOf(folder);
  if (processes.length === 0) throw new Error(`nothing runs below ${folder}`);
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // Ended with its parent.
    }
  }
}
