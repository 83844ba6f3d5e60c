import type { Readable } from 'node:stream';

/** One server-sent event as it arrived. */
export interface ReceivedEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** Reads server-sent events (HTML Living Standard, section 9.2) from a stream of bytes, until it ends. */
export async function* readEvents(stream: Readable): AsyncGenerator<ReceivedEvent> {
  let buffered = '';
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    buffered += chunk;
    const blocks = buffered.split('\n\n');
    buffered = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== null) yield event;
    }
  }
}

function parseBlock(block: string): ReceivedEvent | null {
  let event = 'message';
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    const field = line.slice(0, colon);
    if (field === 'event') event = value;
    else if (field === 'id') id = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? null : { event, id, data: data.join('\n') };
}
