import { createServer } from 'node:net';

/** Ports of one test's workstation: its relay, its hub, and a range for its machines. */
export interface PortPlan {
  readonly relay: number;
  readonly hub: number;
  readonly first: number;
  readonly last: number;
}

const machinePorts = 6;

/**
 * Finds free ports on the loopback interface: one contiguous block, from a random place below the range that the kernel
 * hands out by itself (32768 and above on Linux), so that no client connection takes one meanwhile.
 */
export async function freePorts(): Promise<PortPlan> {
  for (;;) {
    const relay = 20_000 + Math.floor(Math.random() * 12_000);
    const block = Array.from({ length: machinePorts + 2 }, (_, index) => relay + index);
    const free = await Promise.all(block.map(isFree));
    if (free.every(Boolean)) return { relay, hub: relay + 1, first: relay + 2, last: relay + 1 + machinePorts };
  }
}

/** Whether nobody listens on a loopback port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
