import { type ErrorBody, BuildMachinesError } from '@build-machines/protocol';
import type { FastifyError, FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isDiskFailure } from '../database/database.js';
import { HubDiskFullError, HubRequestError } from '../errors/hub-error.js';

/** Answers every error with an ErrorBody. Defects of ours are logged with their stack and answered without it. */
export function installErrorHandler(app: FastifyInstance, stateFolder: string): void {
  app.setErrorHandler((error: unknown, request, reply) => {
    const { status, body } = toAnswer(error, stateFolder);
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    return reply.code(status).header('cache-control', 'no-store').type('application/json').send(JSON.stringify(body));
  });
  app.setNotFoundHandler({ preHandler: [] }, (request, reply) => {
    const body: ErrorBody = {
      code: 'route-unknown',
      message: `${request.method} ${request.url.split('?')[0] ?? ''} is not part of the hub's API`,
      hint: 'The API is described at /docs.',
    };
    return reply.code(404).type('application/json').send(JSON.stringify(body));
  });
}

/**
 * The status and body that an error is answered with.
 * @param stateFolder whose disk it is that may be full; absent: not known here.
 */
export function toAnswer(thrown: unknown, stateFolder?: string): { status: number; body: ErrorBody } {
  const error = isDiskFailure(thrown) ? new HubDiskFullError(stateFolder, thrown) : thrown;
  if (error instanceof HubRequestError) return { status: error.status, body: error.toBody() };
  if (error instanceof BuildMachinesError) return { status: 400, body: error.toBody() };
  if (error instanceof z.ZodError) {
    return {
      status: 400,
      body: {
        code: 'request-malformed',
        message: `the request does not fit its schema:\n${z.prettifyError(error)}`,
        hint: 'The API is described at /docs.',
        details: { issues: error.issues.map(({ path, message }) => ({ path: path.map(String), message })) },
      },
    };
  }
  const { statusCode = 500, code = 'request-malformed', message } = error as Partial<FastifyError>;
  if (statusCode < 500) {
    return {
      status: statusCode,
      body: { code: code.toLowerCase().replaceAll('_', '-'), message: message ?? 'malformed request', hint: '' },
    };
  }
  return {
    status: 500,
    body: { code: 'hub-defect', message: 'the hub failed on this request', hint: "The hub's log has the details." },
  };
}
