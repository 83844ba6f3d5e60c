import { Readable } from 'node:stream';
import { readJson } from './agent-answer.js';

describe('an answer of a machine', () => {
  it('is read up to its bound', async () => {
    expect(await readJson('m', { body: Readable.from([Buffer.from('[1,'), Buffer.from('2]')]) }, 5)).toEqual([1, 2]);
  });

  it('that does not end is read no further: a machine could fill the memory', async () => {
    const body = Readable.from(
      (function* () {
        for (;;) yield Buffer.from('x'.repeat(1000));
      })(),
    );
    await expect(readJson('m', { body }, 10_000)).rejects.toMatchObject({ code: 'agent-answer' });
    expect(body.destroyed).toBe(true);
  });
});
