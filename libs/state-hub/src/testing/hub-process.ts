import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const REPOSITORY = resolve(__dirname, '../../../..');

/** The hub's program, bundled as it is published: our own code in one file, its npm dependencies beside it. */
export class HubProgram {
  readonly file: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.file = join(folder, 'hub.cjs');
  }

  static async bundle(): Promise<HubProgram> {
    // Below node_modules, so that the bundle finds the dependencies that stay outside it.
    const cache = join(REPOSITORY, 'node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    const program = new HubProgram(mkdtempSync(join(cache, 'hub-')));
    await build({
      entryPoints: [join(REPOSITORY, 'libs/state-hub/src/main.ts')],
      outfile: program.file,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      logLevel: 'error',
      packages: 'external',
      alias: { '@build-machines/protocol': join(REPOSITORY, 'libs/protocol/src/index.ts') },
    });
    return program;
  }

  /** Starts it; resolves when it serves. Its output is its log, of which errors are passed on. */
  async start(...args: string[]): Promise<{ process: ChildProcess; url: string }> {
    const child = spawn(process.execPath, [this.file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) {
      const { msg, url } = JSON.parse(line) as { msg: string; url: string };
      if (msg !== 'serving') continue;
      child.stdout.resume();
      return { process: child, url };
    }
    throw new Error(`the hub ended before it served (${String(child.exitCode)})`);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
