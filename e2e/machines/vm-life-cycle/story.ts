import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ConsoleFacts,
  findQemuRecord,
  imageFolder,
  qemuLayout,
  readConsole,
  type StateFolder,
  stateFolder,
} from '@build-machines/machines';
import { eventually } from '../../support/eventually.js';
import { stopBridge } from '../../support/machine.js';
import { succeeded } from '../../support/nx-output.js';
import { processesOf, type RunningProcess } from '../../support/processes.js';
import type { Ended } from '../../support/run-program.js';
import { makeWorkspace, nx, runIn, type Workspace } from '../../support/workspace.js';
import { makeWorkstation, removeWorkstation } from '../../support/workstation.js';
import { type Chapter, chapters } from '../support/chapters.js';
import { restoreImages } from '../support/image-cache.js';

export const MINUTE = 60_000;

/** The record that packer-build leaves of an image. */
interface ImageRecord {
  readonly ova: string;
  readonly provenance: { readonly sha256: string; readonly toolchains: { tool: string; version: string }[] };
}

/** One QEMU machine, `box`, in a workspace of its own: what its chapters share. */
export interface VmStory {
  readonly chapter: Chapter;
  readonly sideStory: Chapter;
  workspace(): Workspace;
  state(): StateFolder;
  /** Runs a target that must succeed. */
  run(target: string, ...options: string[]): Promise<Ended>;
  /** Names of the images in the store. */
  images(): string[];
  image(): ImageRecord;
  /** What the machine said on its console, last. */
  consoleFacts(): ConsoleFacts;
  sshPort(): Promise<number>;
  /** The processes that run machines. */
  machines(): RunningProcess[];
  /** Runs a command in the machine, as a user does with ssh, and returns what it printed. */
  inMachine(...command: string[]): Promise<string>;
  /** Waits until everything that a build needs works, by the machine's own account. */
  comesBack(): Promise<unknown>;
}

/** Begins the story; its workspace is removed after the last chapter. @param isWhole see chapters(). */
export function vmStory(isWhole: boolean): VmStory {
  let known: Workspace | undefined;
  const workspace = (): Workspace => {
    if (known === undefined) throw new Error('the story has not begun: beforeAll failed');
    return known;
  };
  const state = (): StateFolder => stateFolder(workspace().workstation.env);
  const isUp = async (): Promise<boolean> => (await nx(workspace(), ['run', 'box:bridge-status'])).exitCode === 0;

  beforeAll(async () => {
    known = makeWorkspace(await makeWorkstation(), []);
    await restoreImages(imageFolder(state()), 'box');
  });
  afterAll(async () => {
    await nx(workspace(), ['run', 'box:destroy', '--yes']); // Undone already unless a chapter failed.
    await stopBridge(workspace());
    await removeWorkstation(workspace().workstation);
  }, 3 * MINUTE);

  return {
    ...chapters(isWhole),
    workspace,
    state,
    run: async (target, ...options) =>
      succeeded(await nx(workspace(), ['run', target, ...options], { limit: 15 * MINUTE })),
    images: () => readdirSync(imageFolder(state())).filter((file) => /^box-.*\.ova$/.test(file)),
    image: () =>
      JSON.parse(readFileSync(join(workspace().root, 'dist/remote/.images/box/image.json'), 'utf8')) as ImageRecord,
    consoleFacts: () => readConsole(readFileSync(qemuLayout(state(), 'box').serialLog, 'utf8')),
    sshPort: async () => (await findQemuRecord(qemuLayout(state(), 'box')))?.sshPort ?? 0,
    machines: () => processesOf(workspace().workstation.root).filter(({ command }) => /qemu-system/.test(command)),
    async inMachine(...command) {
      const config = join(workspace().workstation.home, '.ssh/config');
      const ended = await runIn(workspace(), '.', 'ssh', ['-F', config, '-o', 'ConnectTimeout=20', 'box', ...command]);
      return succeeded(ended).stdout.trim();
    },
    comesBack: () => eventually('the machine is back', isUp, 5 * MINUTE),
  };
}
