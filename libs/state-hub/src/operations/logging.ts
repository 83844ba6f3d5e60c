import pino, { type DestinationStream, type Logger } from 'pino';

/** Where secrets can be in what is logged; each is replaced by `[redacted]`. */
const REDACTED = [
  'req.headers.authorization',
  'headers.authorization',
  'authorization',
  'token',
  '*.token',
  'adminToken',
  '*.adminToken',
  'secret',
  '*.secret',
];

/** The hub's logger: one JSON object per line, without secrets, query strings or bodies. */
export function hubLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    name: 'hub',
    level,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { req: describeRequest, err: pino.stdSerializers.err },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function describeRequest(request: { method?: string; url?: string }): Record<string, unknown> {
  return { method: request.method, path: request.url?.split('?')[0] };
}
