import { sandboxLayout, type StateFolder } from '@build-machines/machines';
import { AgentInfo, type MachineTraits } from '@build-machines/protocol';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';

/** How long an agent of this computer may take to say what it has, in milliseconds. */
const WITHIN_MS = 3_000;

/** How long an answer counts, in milliseconds: the tasks of one command are hashed together. */
const COUNTS_MS = 1_000;

const answers = new Map<string, { readonly at: number; readonly traits: Promise<MachineTraits | undefined> }>();

/**
 * What builds see of a sandbox now, asked from its agent on this very computer; undefined where none answers. Costs some
 * milliseconds, so that not even a cache hit stands over a change of this computer.
 */
export function sandboxNow(state: StateFolder, name: string): Promise<MachineTraits | undefined> {
  const socket = sandboxLayout(state, name).agentSocket;
  const known = answers.get(socket);
  if (known !== undefined && performance.now() - known.at < COUNTS_MS) return known.traits;
  const traits = ask(socket);
  answers.set(socket, { at: performance.now(), traits });
  return traits;
}

function ask(socketPath: string): Promise<MachineTraits | undefined> {
  return new Promise((resolve) => {
    const nobody = (): void => {
      resolve(undefined);
    };
    const asking = request({ socketPath, path: '/v1/info', agent: false, signal: AbortSignal.timeout(WITHIN_MS) });
    asking.once('error', nobody);
    asking.once('response', (answer) => {
      json(answer).then((body) => {
        const info = AgentInfo.safeParse(body);
        resolve(info.success ? info.data.traits : undefined);
      }, nobody);
    });
    asking.end();
  });
}
