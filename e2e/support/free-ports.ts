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
const blockSize = machinePorts + 2;

/** Blocks lie below the range that the kernel hands out by itself (32768 and above on Linux). */
const firstBlock = 20_000;
const blocks = Math.floor(12_000 / blockSize);

/**
 * Finds free ports on the loopback interface, and reserves them for the life of this process: no other journey gets
 * one of them, not even while nothing listens there (a machine that is down, a bridge that was stopped).
 */
export async function freePorts(): Promise<PortPlan> {
  for (;;) {
    const relay = firstBlock + blockSize * Math.floor(Math.random() * blocks);
    if (!(await reserve(relay))) continue;
    const ports = Array.from({ length: blockSize }, (_, index) => relay + index);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return { relay, hub: relay + 1, first: relay + 2, last: relay + 1 + machinePorts };
  }
}

/**
 * Reserves a block of ports among all test runs of this computer: by listening on an abstract Unix socket, whose name
 * one process at a time can have, and which the kernel removes with the process.
 */
function reserve(block: number): Promise<boolean> {
  return new Promise((resolve) => {
    const reservation = createServer();
    reservation.once('error', () => {
      resolve(false);
    });
    reservation.listen(`\0build-machines-e2e-ports-${block}`, () => {
      reservation.unref(); // Lasts as long as the process, and does not prolong it.
      resolve(true);
    });
  });
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
