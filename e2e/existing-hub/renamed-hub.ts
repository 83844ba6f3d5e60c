import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What a machine sends to {@link startRenamedHub}, by the mapping of {@link RENAMED}. */
export interface RenamedAgent {
  readonly title: string;
  readonly kind: string;
  readonly ssh: { readonly reverse: number };
  readonly tools: readonly unknown[];
}

/** `hub.catalog` of machine.yml for that hub. */
export const RENAMED = `
    listPath: /api/agents
    registerPath: /api/agents/new
    typeParameter: kind
    collection: [page.agents]
    fields:
      type: [kind]
      name: [title]
      tunnelPort: [ssh.reverse]
      toolchains: [tools]
    send:
      capability_type: kind
      name: title
      tunnel_port: ssh.reverse
      toolchains: tools
`;

/**
 * A State Hub of another kind: a list, and a place to register at, neither where a Custodian has them. It keeps no more
 * than what it was told last by each machine; it knows no heartbeats, leases or runs.
 */
export interface RenamedHub {
  readonly url: string;
  /** Requests that it had no answer for, as `POST /leases`. */
  readonly strange: ReadonlySet<string>;
  readonly registered: readonly { readonly agent: RenamedAgent; readonly authorization: string | undefined }[];
  close(): void;
}

export async function startRenamedHub(): Promise<RenamedHub> {
  const registered: { agent: RenamedAgent; authorization: string | undefined }[] = [];
  const strange = new Set<string>();
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://hub');
      response.setHeader('content-type', 'application/json');
      if (request.method === 'POST' && pathname === '/api/agents/new') {
        registered.push({ agent: (await json(request)) as RenamedAgent, authorization: request.headers.authorization });
        response.writeHead(201).end('{"stored":true}');
      } else if (request.method === 'GET' && pathname === '/api/agents') {
        const latest = new Map(registered.map(({ agent }) => [agent.title, agent]));
        const agents = [...latest.values()].filter(({ kind }) => kind === searchParams.get('kind'));
        response.end(JSON.stringify({ page: { agents } }));
      } else {
        strange.add(`${request.method ?? ''} ${pathname}`);
        response.writeHead(404).end('{"detail":"Not Found"}');
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    strange,
    registered,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
