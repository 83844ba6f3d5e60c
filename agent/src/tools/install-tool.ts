import { removeTree } from '@build-machines/owned-files';
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NOTHING_WRITTEN, type Activity, type ToolInstallRequest } from '@build-machines/protocol';
import { FifoGate } from '../queueing/fifo-gate.js';
import { Cancellation } from '../runs/cancellation.js';
import { followLog } from '../runs/follow-log.js';
import type { RunContext } from '../runs/run-context.js';
import { runEnvironment, searchPath } from '../runs/run-environment.js';
import { RunLog } from '../runs/run-log.js';
import { runProcess } from '../runs/run-process.js';
import { installCommand } from './install-command.js';

/** Installers keep locks of their own and fail when they meet; so one at a time. */
const installing = new FifoGate(1);

/**
 * Installs a tool, then looks for tools again. An installation is not cancelled when its client leaves: half an
 * installation is worse than one that nobody watched.
 * @returns the events, as of a run.
 * @throws InstallerMissingError
 */
export async function installTool(
  context: RunContext,
  wanted: ToolInstallRequest,
  isRoot: boolean,
  gone: AbortSignal,
): Promise<(signal: AbortSignal) => AsyncGenerator<Buffer, void>> {
  const { config, account } = context;
  const path = searchPath(config.home, config.tools.searchPaths);
  const { label, argv, env } = await installCommand(wanted, { home: config.home, isRoot, path });
  const activity: Activity = {
    kind: 'installation',
    label: `installing ${label}`,
    user: account.user,
    workspace: null,
    since: context.now().toISOString(),
  };
  const cookie = context.randomId();
  const folder = join(config.stateDir, 'installs', cookie.slice(0, 12));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const log = await RunLog.create(join(folder, 'log.ndjson'), config.limits.logBytes);
  const runEnv = runEnvironment(
    account,
    { path, toolchainBin: path[0] ?? '/usr/bin', temporaryFolder: folder, cookie },
    env,
  );
  const command = { argv, cwd: '/', env: runEnv, cookie };
  const activityEnds = await context.activities.begin(() => activity, gone);
  void carryOut(context, log, label, command).finally(() => {
    activityEnds();
    setTimeout(() => void removeTree(folder), 60_000).unref();
  });
  return (signal) => followLog(log, 0, signal);
}

async function carryOut(
  context: RunContext,
  log: RunLog,
  label: string,
  command: Parameters<typeof runProcess>[0],
): Promise<void> {
  const { now, toolchains } = context;
  const runId = createHash('sha256').update(command.cookie).digest('hex');
  await log.append({ type: 'accepted', runId, mirrorRoot: '/', toolchain: {} });
  await log.append({ type: 'state', state: 'queued', detail: `installing ${label}` });
  const cancellation = new Cancellation();
  const release = await installing.enter({ label }, cancellation.signal);
  const startedAt = now();
  try {
    await log.append({ type: 'state', state: 'running', detail: command.argv.join(' ') });
    const end = await runProcess(command, log, cancellation, () => Promise.resolve());
    await toolchains.discover();
    const outcome = end.exitCode === 0 ? 'succeeded' : 'failed';
    await log.append({ type: 'state', state: outcome });
    const finishedAt = now();
    await log.append({
      type: 'finished',
      result: {
        runId,
        outcome,
        exitCode: end.exitCode,
        signal: end.signal,
        reason: null,
        startedAt: startedAt.toISOString(),
        finishedAt: finishedAt.toISOString(),
        durations: { sync: 0, queue: 0, run: finishedAt.getTime() - startedAt.getTime(), collect: 0 },
        usage: end.usage,
        toolchain: {},
        artifacts: null,
        written: NOTHING_WRITTEN,
        received: { files: 0, bytes: 0, removed: 0 },
        logTruncated: log.truncated,
      },
    });
  } finally {
    release();
    await log.end();
  }
}
