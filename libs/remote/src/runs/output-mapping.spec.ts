import fc from 'fast-check';
import { OutputMapper } from './output-mapping.js';

const M = '/m/ws/tree';
const W = '/home/me/project';

function map(chunks: readonly string[], from = M, to = W): string {
  const mapper = new OutputMapper(from, to);
  return chunks.map((chunk) => mapper.push(chunk)).join('') + mapper.flush();
}

describe('mapping paths in output', () => {
  it.each([
    [`${M}/src/A.hs:1:2: error`, `${W}/src/A.hs:1:2: error`],
    [`in ${M}: done`, `in ${W}: done`],
    [`${M}${M}`, `${M}${W}`.replace(M, W)],
    [`at ${M}`, `at ${W}`],
    [`${M}-2/src and ${M}2 and ${M}.bak`, `${M}-2/src and ${M}2 and ${M}.bak`],
    ['nothing of the sort', 'nothing of the sort'],
    ['/m/ws/tre', '/m/ws/tre'],
  ])('turns %j into %j', (text, expected) => {
    expect(map([text])).toBe(expected);
  });

  it('does not depend on where the chunks end', () => {
    const piece = fc.constantFrom(M, `${M}/a`, '/m', '/ws', '/tree', '/', 'x', '\n', '-', `${M}2`, '/m/ws/tre');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(200), { maxLength: 8 }), (pieces, cuts) => {
        const text = pieces.join('');
        const places = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
        const chunks = places.slice(1).map((end, index) => text.slice(places[index], end));
        expect(map(chunks)).toBe(map([text]));
      }),
    );
  });

  it('shows at once what cannot begin a path, and holds back only what can', () => {
    const mapper = new OutputMapper(M, W);
    expect(mapper.push('Compiling /m/w')).toBe('Compiling ');
    expect(mapper.push('here')).toBe('/m/where');
    expect(mapper.push('ask> /')).toBe('ask> ');
    expect(mapper.flush()).toBe('/');
  });
});
