import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy whose connections a test can cut, freeze or refuse. */
export interface CuttingProxy {
  readonly port: number;
  /** Bytes that clients have sent so far. */
  readonly sent: number;
  /** Connections made so far. */
  readonly connections: number;
  /** Resets all connections. */
  cut(): void;
  /** Cuts once this many further bytes have gone from client to server. */
  cutAfterSending(bytes: number): void;
  /** Keeps connections open, lets nothing through: a link that is dead without saying so. */
  freeze(frozen: boolean): void;
  /** New connections are reset at once. */
  refuse(refusing: boolean): void;
  close(): Promise<void>;
}

export async function startCuttingProxy(to: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let cutAt = Infinity;
  let refusing = false;
  let sent = 0;
  let connections = 0;
  const pairs = new Set<[Socket, Socket]>();
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const server = createServer((client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    connections += 1;
    const upstream = connect(to, '127.0.0.1');
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    for (const [from, other] of [pair, [upstream, client]] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        pairs.delete(pair);
        other.destroy();
      });
      from.pipe(other);
    }
    client.on('data', (chunk: Buffer) => {
      sent += chunk.length;
      if (sent < cutAt) return;
      cutAt = Infinity;
      cut();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get sent() {
      return sent;
    },
    get connections() {
      return connections;
    },
    cut,
    cutAfterSending(bytes) {
      cutAt = sent + bytes;
    },
    freeze(frozen) {
      for (const [client, upstream] of pairs) {
        for (const [from, to] of [
          [client, upstream],
          [upstream, client],
        ] as const) {
          if (frozen) {
            from.unpipe(to);
            from.pause();
          } else from.pipe(to);
        }
      }
    },
    refuse(on) {
      refusing = on;
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
