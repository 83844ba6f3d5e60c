import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  ArtifactsRequest,
  CancelRequest,
  MissingBlobsRequest,
  ToolInstallRequest,
  type AgentInfo,
} from '@build-machines/protocol';
import { packArtifacts } from '../artifacts/pack-artifacts.js';
import type { RunContext } from '../runs/run-context.js';
import type { Runs } from '../runs/runs.js';
import type { Sessions } from '../sessions/sessions.js';
import { installTool } from '../tools/install-tool.js';
import { RequestMalformedError } from './agent-error.js';
import { answerEvents, answerJson, answerWhileConnected, goneSignal } from './answers.js';
import { readJsonBody, readRunRequest } from './read-request.js';
import { Router } from './router.js';

export interface ApiParts {
  readonly context: RunContext;
  readonly runs: Runs;
  readonly sessions: Sessions;
  readonly info: () => Promise<AgentInfo>;
  readonly isRoot: boolean;
}

/** The agent's API, as the table in libs/protocol/src/agent-api.ts lists it. */
export function agentApi({ context, runs, sessions, info, isRoot }: ApiParts): Router {
  return new Router()
    .on('GET', '/v1/alive', async (_request, response) => answerJson(response, 200, {}))
    .on('GET', '/v1/info', async (_request, response) => answerJson(response, 200, await info()))
    .on('POST', '/v1/blobs/missing', async (request, response) => {
      const { workspace, digests } = await readJsonBody(request, MissingBlobsRequest);
      await answerJson(response, 200, { missing: await context.mirrors.missing(workspace, digests) });
    })
    .on('POST', '/v1/runs', async (request, response) => {
      const gone = goneSignal(response);
      const { run, contents } = await readRunRequest(request);
      const { origin, runId, sync, follow } = await runs.submit(run, contents);
      const headers = { 'x-run-origin': origin, 'x-run-id': runId, ...(sync !== undefined && { 'x-sync': sync }) };
      await answerEvents(response, headers, follow(0, gone), gone);
    })
    .on('GET', '/v1/runs', async (_request, response) => answerJson(response, 200, { runs: await runs.list() }))
    .on('GET', '/v1/runs/{runId}/events', async (_request, response, { path, query }) => {
      const from = Number(query.get('from') ?? '0');
      if (!Number.isSafeInteger(from) || from < 0) throw new RequestMalformedError('"from" must be a seq of an event.');
      const gone = goneSignal(response);
      const { follow } = await runs.events(path['runId'] ?? '');
      await answerEvents(response, {}, follow(from, gone), gone);
    })
    .on('POST', '/v1/runs/{runId}/cancel', async (request, response, { path }) => {
      const { reason, client } = await readJsonBody(request, CancelRequest);
      await runs.cancel(path['runId'] ?? '', reason, client);
      await answerJson(response, 202, {});
    })
    .on('POST', '/v1/sessions', async (request, response) => {
      const gone = goneSignal(response);
      const { run, contents } = await readRunRequest(request);
      await answerJson(response, 200, await sessions.prepare(run, contents, gone));
    })
    .on('POST', '/v1/sessions/{sessionId}/claim', async (_request, response, { path }) => {
      const gone = goneSignal(response);
      const { command, release } = await sessions.claim(path['sessionId'] ?? '', gone);
      await answerWhileConnected(response, command, gone).finally(release);
    })
    .on('POST', '/v1/artifacts', async (request, response) => {
      const { digests } = await readJsonBody(request, ArtifactsRequest);
      const tar: Readable = await packArtifacts(context.artifacts, digests);
      response.writeHead(200, { 'content-type': 'application/x-tar' });
      await pipeline(tar, response);
    })
    .on('POST', '/v1/tools', async (request, response) => {
      const gone = goneSignal(response);
      const follow = await installTool(context, await readJsonBody(request, ToolInstallRequest), isRoot, gone);
      await answerEvents(response, {}, follow(gone), gone);
    })
    .on('POST', '/v1/hold', async (_request, response) => {
      const gone = goneSignal(response);
      const release = context.activities.hold();
      await answerWhileConnected(response, {}, gone).finally(release);
    });
}
