import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { CatalogMappingInput } from '@build-machines/protocol';
import { ADMIN_TOKEN, HubRig } from './hub-rig.js';
import type { HubUnderTest } from './catalog-contract.js';

type Json = Record<string, unknown>;

/** How a minimal hub tells of its machines, and how machines tell it of themselves. */
interface Layout {
  readonly listPath: string;
  readonly registerPath: string;
  readonly typeParameter: string;
  /** An entry of the embedded hub's as this one shows it. */
  readonly show: (entry: Json) => Json;
  readonly list: (entries: Json[]) => unknown;
  /** A registration as the embedded hub takes it. */
  readonly take: (registration: Json) => Json;
  readonly mapping?: CatalogMappingInput;
}

/** What the minimal hub tells of an entry; the embedded hub's other fields are withheld. */
const TOLD = ['name', 'capability_type', 'tunnel_port', 'toolchains', 'labels', 'slots'];

const usual: Layout = {
  listPath: '/capability-catalog/',
  registerPath: '/capability-catalog/',
  typeParameter: 'capability_type',
  show: (entry) => ({
    ...Object.fromEntries(Object.entries(entry).filter(([field]) => TOLD.includes(field))),
    ...{ custodian: { since: 2025 }, capability_version: 'x' },
  }),
  list: (entries) => entries,
  take: (registration) => registration,
};

/** Other paths, another parameter, other names, at other depths. */
const renamed: Layout = {
  listPath: '/api/agents',
  registerPath: '/api/agents/new',
  typeParameter: 'kind',
  show: ({ name, capability_type: kind, tunnel_port: reverse, toolchains, labels, slots }) => ({
    ...{ agent: { title: name }, kind, ssh: { reverse }, tools: toolchains, marks: labels, size: slots },
  }),
  list: (entries) => ({ page: { agents: entries, next: null } }),
  take({ title, kind, ssh, tools, marks, size, ...others }) {
    const { reverse } = ssh as Json;
    return {
      ...others,
      ...{ name: title, capability_type: kind, tunnel_port: reverse, toolchains: tools, labels: marks, slots: size },
    };
  },
  mapping: {
    listPath: '/api/agents',
    registerPath: '/api/agents/new',
    typeParameter: 'kind',
    collection: ['page.agents'],
    fields: {
      ...{ type: ['kind'], name: ['agent.title'], tunnelPort: ['ssh.reverse'] },
      ...{ toolchains: ['tools'], labels: ['marks'], slots: ['size'] },
    },
    send: {
      ...{ name: 'title', capability_type: 'kind', tunnel_port: 'ssh.reverse' },
      ...{ toolchains: 'tools', labels: 'marks', slots: 'size' },
    },
  },
};

/**
 * The embedded hub restricted to all that is known of another State Hub: one path that lists and one that takes
 * registrations, entries without states and times, and with fields that we know nothing of. Every other request is 404.
 */
export function startMinimalHub(): Promise<HubUnderTest> {
  return startRestricted(usual);
}

/** The same, with nothing where we assume it: a mapping says where it is. */
export function startRenamedHub(): Promise<HubUnderTest> {
  return startRestricted(renamed);
}

async function startRestricted(layout: Layout): Promise<HubUnderTest> {
  const rig = await HubRig.start();
  const server = createServer((request, response) => {
    void answer(rig, layout, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: 'ignored',
    ...(layout.mapping === undefined ? {} : { mapping: layout.mapping }),
    async close() {
      server.closeAllConnections();
      server.close();
      await rig.close();
    },
  };
}

async function answer(rig: HubRig, layout: Layout, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const { pathname, searchParams } = new URL(request.url ?? '', rig.url);
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
  if (request.method === 'GET' && pathname === layout.listPath) {
    const type = searchParams.get(layout.typeParameter) ?? '';
    const upstream = await fetch(`${rig.url}/capability-catalog/?capability_type=${type}`, { headers });
    reply(200, layout.list(((await upstream.json()) as Json[]).map(layout.show)));
  } else if (request.method === 'POST' && pathname === layout.registerPath) {
    const body = JSON.stringify(layout.take(JSON.parse(String(await buffer(request))) as Json));
    const upstream = await fetch(`${rig.url}/capability-catalog/`, { method: 'POST', headers, body });
    reply(upstream.status, { stored: upstream.ok });
  } else reply(404, { detail: 'Not Found' });
}
