import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BridgeBusyError } from './bridge-errors.js';
import { retire } from './stop-bridge.js';

describe('a bridge that is asked to end', () => {
  let folder: string;
  let socket: string;
  let bridge: Server;
  let answer: (response: ServerResponse) => void;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bmr-'));
    socket = join(folder, 'b.sock');
    bridge = createServer((_, response) => {
      answer(response);
    });
    await new Promise<void>((resolve) => bridge.listen(socket, resolve));
  });
  afterAll(async () => {
    bridge.closeAllConnections();
    bridge.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('ends while it works for nobody', async () => {
    answer = (response) => response.writeHead(202).end('{}');
    expect(await retire(socket, 'keep')).toBeUndefined();
  });

  it('says what it works on', async () => {
    answer = (response) => response.writeHead(409).end(JSON.stringify(new BridgeBusyError(['a build']).toBody()));
    expect(await retire(socket, 'keep')).toEqual(['a build']);
  });

  it('counts as busy when it says nothing', async () => {
    answer = () => undefined;
    expect(await retire(socket, 'keep', 100)).toEqual([expect.stringContaining('does not say')]);
  });

  it('works for nobody when it is not there, or ends meanwhile', async () => {
    answer = (response) => response.destroy();
    expect(await retire(socket, 'keep')).toBeUndefined();
    expect(await retire(join(folder, 'nobody.sock'), 'keep')).toBeUndefined();
  });
});
