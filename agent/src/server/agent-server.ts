import { createServer, type Server, type ServerResponse } from 'node:http';
import { BuildMachinesError } from '@build-machines/protocol';
import type { Logger } from '../logging/logger.js';
import { isDiskFull } from '../durable/errno.js';
import { AgentError, DiskFullError, NotFoundError } from './agent-error.js';
import { answerError } from './answers.js';
import type { Router } from './router.js';

/** An HTTP server over the API. Errors of handlers become answers; defects of ours also go to the log, with their stack. */
export function agentServer(router: Router, logger: Logger): Server {
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const answer = async (): Promise<void> => {
      const found = router.find(method, url);
      if (found === undefined) throw new NotFoundError(method, url);
      await found.handler(request, response, found.parameters);
    };
    answer().catch((error: unknown) => {
      fail(response, error, logger, `${method} ${url}`);
    });
  });
  // Uploads and event streams last as long as they last; peers are our own clients behind sshd.
  server.requestTimeout = 0;
  server.headersTimeout = 30_000;
  // Clients keep a warm connection; closing it under a request that is on its way would lose that request.
  server.keepAliveTimeout = 10 * 60_000;
  return server;
}

function fail(response: ServerResponse, cause: unknown, logger: Logger, request: string): void {
  if (response.destroyed) return;
  const error = isDiskFull(cause) ? new DiskFullError("the agent's state folder", null, cause) : cause;
  const known = error instanceof BuildMachinesError;
  if (!known)
    logger.error('a request failed', { request, error: error instanceof Error ? error.stack : String(error) });
  if (response.headersSent) {
    // Too late for a status: a broken stream is the only way to say it.
    response.destroy();
    return;
  }
  const status = error instanceof AgentError ? error.status : 500;
  const body = known
    ? error.toBody()
    : { code: 'internal', message: 'The agent failed.', hint: "See the agent's log: journalctl -u build-agent." };
  answerError(response, status, body).catch(() => response.destroy());
}
