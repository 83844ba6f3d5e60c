import { stateFolder } from '@build-machines/machines';
import { type Place, rememberWarmMachine, type RunRecording, runPlaced, warmMachines } from '@build-machines/remote';
import { openMachine } from '../machine-task/open-machine.js';
import type { OpenedMachine } from '../machine-task/opened-machine.js';
import { machinePool, type MachinePool, poolNames } from '../placing/machine-pool.js';
import { openPlacement } from '../placing/open-placement.js';
import { gitState } from '../placing/git-state.js';
import { type GroupPlace, type GroupRun, type GroupSurroundings, type GroupWork, runGroup } from './run-group.js';
import { runInParts } from './run-in-parts.js';
import { endedBy, groupLabel, runFinish, said, startRecording } from './run-record.js';
import { type PlaceWait, RunToJoin } from './run-to-join.js';
import type { TaskGroup } from './task-groups.js';

/** A lost machine may be silent this long, in milliseconds, before its run is placed on another one. */
const SILENT_FOR = 60_000;

/** A group that has run, on the machine that its artifacts are on. */
export interface PlacedGroup extends GroupRun {
  readonly opened: OpenedMachine;
  /** To be ended when the outcomes have been delivered. */
  readonly recording: RunRecording | undefined;
  /** Settles when the place has been given back. */
  readonly released: Promise<void>;
}

/**
 * Finds a machine for a group of tasks, which takes one place together, and runs it there; on another one when the
 * machine was lost. Where another command of this workspace runs the same, or was killed under it, that run is joined,
 * which takes no place. The run is recorded at the hub.
 * @throws what concerns all tasks: no machine fits, no connection, a refused sync.
 */
export async function placeGroup(
  group: TaskGroup,
  work: GroupWork,
  surroundings: GroupSurroundings,
): Promise<PlacedGroup> {
  const { workspaceRoot, env, console, signal } = surroundings;
  const [{ cabalFolder, machine, options }] = group;
  const sources = gitState(workspaceRoot);
  const pool = await machinePool(workspaceRoot, { ...options, machine });
  const note = (text: string): void => {
    console.note(text);
  };
  // The only machine is made ready while its lease is asked for.
  let early =
    pool.machines.length === 1 ? openMachine(workspaceRoot, poolNames(pool)[0], { console, signal }) : undefined;
  early?.catch(() => undefined); // Whoever awaits it below hears of it, or of what came first.
  const { placement, recorder, user } = await openPlacement(pool, { state: stateFolder(env), env, note, signal });
  const reconnectFor = pool.machines.length > 1 ? SILENT_FOR : undefined;
  const runOn = (opened: OpenedMachine, about: GroupSurroundings & GroupPlace): Promise<GroupRun> =>
    runInParts(
      group,
      (part) => runGroup(part, opened, work, part === group ? about : { ...about, join: false }),
      () => {
        note('cabal has no plan for these tasks together; they run in parts');
      },
    );
  const record = (place: Pick<Place, 'machine' | 'lease'>): RunRecording | undefined =>
    recorder === null
      ? undefined
      : startRecording(recorder, { group, place, user, workspaceRoot, ghc: pool.toolchain.ghc, sources });
  const label = groupLabel(group);
  const toJoin = new RunToJoin({ workspaceRoot, label, machines: poolNames(pool), signal });
  const join = async (machineName: string): Promise<PlacedGroup> => {
    const opened = await (early ?? openMachine(workspaceRoot, machineName, { console, signal }));
    // What is only attempted is not put on record.
    let recording: RunRecording | undefined;
    const begun = () => (recording ??= record({ machine: machineName }));
    const onOutput = (text: string): void => begun()?.output(text);
    try {
      const about = { join: true, lease: undefined, reconnectFor, onOutput };
      const ran = await runOn(opened, { ...surroundings, ...about });
      return { ...ran, opened, recording: begun(), released: Promise.resolve() };
    } catch (error) {
      await recording?.finish(endedBy(error, signal));
      throw error;
    }
  };
  const place = async (waiting: PlaceWait): Promise<PlacedGroup> =>
    runPlaced(
      placement,
      {
        label,
        machines: poolNames(pool),
        toolchain: fitting(pool),
        prefer: await warmMachines(workspaceRoot, cabalFolder),
        onWaiting: (how) => {
          console.waiting(how);
          waiting.look();
        },
        signal: waiting.signal,
      },
      {
        run: async (place, either) => {
          waiting.over();
          console.placed(place.machine, { wasOpen: pool.machines.length > 1, leased: place.lease !== undefined });
          const opened = await (early ?? openMachine(workspaceRoot, place.machine, { console, signal: either }));
          early = undefined; // What is lost under a run has to be made ready anew.
          const recording = record(place);
          try {
            const ran = await runOn(opened, {
              ...surroundings,
              signal: either,
              lease: place.lease,
              reconnectFor,
              onOutput: recording?.output,
            });
            const { outcome } = ran.result;
            // A run that ended because its place was lost was cancelled by nobody.
            const taken = place.lost.aborted && outcome === 'cancelled' && !signal.aborted;
            if (taken)
              await recording?.finish({ ...runFinish(ran.run), outcome: 'lost', reason: said(place.lost.reason) });
            else if (outcome === 'lost' || place.lost.aborted) await recording?.finish(runFinish(ran.run));
            return { ...ran, opened, recording };
          } catch (error) {
            await recording?.finish(endedBy(error, signal));
            throw error;
          }
        },
        onRetry: (lost, reason) => {
          console.note(`${lost} was lost under the run (${reason}); the run is placed once more`);
          console.forgetLog();
        },
      },
    );
  const placed = await toJoin.joinedOr(join, place, () => {
    console.forgetLog();
  });
  if (placed.result.outcome === 'succeeded')
    await rememberWarmMachine(workspaceRoot, cabalFolder, placed.opened.machine.definition.name);
  return placed;
}

/**
 * What the hub shall look for. Of a machine that is named, or the only one, not the tools: it is asked for them by name,
 * and its own answer says how to install what it lacks.
 */
function fitting({ machines, toolchain }: MachinePool): MachinePool['toolchain'] {
  return machines.length === 1 ? {} : toolchain;
}
