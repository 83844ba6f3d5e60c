import { ask } from './hub-data.js';

/** One server-sent event. */
export interface StreamedEvent {
  readonly event: string;
  readonly data: unknown;
}

/**
 * Reads server-sent events with `fetch`: unlike EventSource it can send a token. Ends when the stream does.
 */
export async function* streamEvents(path: string, signal: AbortSignal): AsyncGenerator<StreamedEvent> {
  const { body } = await ask(path, signal);
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffered += value;
    const blocks = buffered.split('\n\n');
    buffered = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      yield { event: /^event: (.*)$/m.exec(block)?.[1] ?? 'message', data: JSON.parse(data) as unknown };
    }
  }
}
