import { createServer, type Server, type Socket } from 'node:net';
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
  const taken = await listenOn(port);
  await taken?.vacate();
  return taken !== undefined;
}

/** A port that is taken. */
export interface TakenPort {
  /** Gives it back, and drops whoever is connected. */
  vacate(): Promise<void>;
}

/** Listens on a port, as a program that has nothing to do with us and says nothing; waits until it is free. */
export function occupy(port: number): Promise<TakenPort> {
  return eventually(`port ${port} is free`, () => listenOn(port));
}

function listenOn(port: number): Promise<TakenPort | undefined> {
  return new Promise((resolve) => {
    const connected = new Set<Socket>();
    const server = createServer((socket) => {
      connected.add(socket.once('close', () => connected.delete(socket)));
      socket.on('error', () => undefined); // Whoever connected by mistake may leave as it likes.
    });
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve({ vacate: () => close(server, connected) });
    });
  });
}

function close(server: Server, connected: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    for (const socket of connected) socket.destroy();
  });
}
