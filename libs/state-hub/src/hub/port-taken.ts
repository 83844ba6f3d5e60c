import { BuildMachinesError } from '@build-machines/protocol';
import { request } from 'undici';
import { z } from 'zod';

/** Answer of `GET /healthz`: how a hub is told from any other server. */
export const Health = z.object({
  service: z.literal('build-machines-hub'),
  status: z.enum(['ok', 'stopping']),
  version: z.string(),
  pid: z.number().int(),
  user: z.string(),
  started_at: z.iso.datetime(),
});
export type Health = z.infer<typeof Health>;

/** Another process listens on the hub's port. */
export class HubPortTakenError extends BuildMachinesError {
  readonly code = 'hub-port-taken';

  constructor(host: string, port: number, holder: Health | null, user: string) {
    const who =
      holder === null
        ? 'another program'
        : holder.user === user
          ? `your own State Hub (pid ${holder.pid}, running since ${holder.started_at})`
          : `the State Hub of user ${holder.user} (pid ${holder.pid})`;
    super(`port ${port} on ${host} is held by ${who}`, {
      hint:
        holder !== null && holder.user === user
          ? `Use it as it is, or stop it first: npx build-machines hub stop. For a second hub choose another port: services.hub in port-registry.yml, or --port.`
          : `Choose another port: services.hub in port-registry.yml, or --port. To see who holds it: ss -ltnp 'sport = :${port}'`,
      details: { host, port, holder },
    });
  }
}

/** What answers on a port, if it is a hub. Bounded by a second. */
export async function probeHub(host: string, port: number): Promise<Health | null> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    const answer = await request(`http://${authority}/healthz`, { signal: AbortSignal.timeout(1_000) });
    return Health.parse(await answer.body.json());
  } catch {
    return null; // Whatever it is, it does not answer as a hub does: that is all we need to know.
  }
}
