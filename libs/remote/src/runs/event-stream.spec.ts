import { Readable } from 'node:stream';
import { readEvents } from './event-stream.js';

const keepalive = '{"type":"keepalive"}\n';

async function read(chunks: readonly string[], maxLine?: number): Promise<number> {
  let events = 0;
  for await (const event of readEvents('m', Readable.from(chunks.map((text) => Buffer.from(text))), maxLine))
    events += event.type === 'keepalive' ? 1 : 0;
  return events;
}

describe('the events of a machine', () => {
  it('are read whatever the pieces in which they come, however many there are', async () => {
    const all = keepalive.repeat(50);
    expect(await read([...all], keepalive.length)).toBe(50);
    expect(await read([all.slice(0, 30), all.slice(30)], keepalive.length)).toBe(50);
  });

  it('that do not end are read no further: a machine could fill the memory', async () => {
    let sent = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          sent += 1;
          yield Buffer.from('x'.repeat(1000));
        }
      })(),
    );
    const reading = async () => {
      for await (const event of readEvents('m', endless, 10_000)) expect(event).toBeUndefined();
    };
    await expect(reading()).rejects.toMatchObject({ code: 'agent-answer' });
    expect(endless.destroyed).toBe(true);
    expect(sent).toBeLessThan(100);
  });
});
