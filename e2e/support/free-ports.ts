import { createServer, type Server } from 'node:net';
import { eventually } from './eventually.js';

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
export async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (server !== undefined) await vacate(server);
  return server !== undefined;
}

/** Listens on a port, as a program that has nothing to do with us; waits until it is free. */
export function occupy(port: number): Promise<Server> {
  return eventually(`port ${port} is free`, () => listenOn(port));
}

/** Gives a port back. */
export function vacate(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
