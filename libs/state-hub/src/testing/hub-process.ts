import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { builtProgram } from '@build-machines/testing';

/** The hub's program, as it is published. */
export class HubProgram {
  readonly file = builtProgram('hub.cjs');

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
}
