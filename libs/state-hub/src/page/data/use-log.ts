import { AnsiUp } from 'ansi_up';
import { useEffect, useState } from 'preact/hooks';
import { streamEvents } from './event-stream.js';

/** Lines kept in the page; what is older can be had as text. */
const MAX_LINES = 5_000;
const RECONNECT_MS = 2_000;

export interface Log {
  /** Escaped HTML, one per line. Colours are classes, since the page's policy allows no inline style. */
  readonly lines: readonly string[];
  readonly dropped: number;
  readonly state: 'following' | 'ended' | 'lost';
}

/** The log of a run, as it grows. Null id: no run is chosen. */
export function useLog(id: string | null): Log {
  const [log, setLog] = useState<Log>({ lines: [], dropped: 0, state: 'following' });
  useEffect(() => {
    setLog({ lines: [], dropped: 0, state: 'following' });
    if (id === null) return undefined;
    const stop = new AbortController();
    const ansi = new AnsiUp();
    ansi.use_classes = true;
    ansi.url_allowlist = {};
    let offset = 0;
    let text = '';
    let lines: string[] = [];
    let dropped = 0;
    const show = (state: Log['state'], rest = '') => {
      if (!stop.signal.aborted) setLog({ lines: rest === '' ? lines : [...lines, rest], dropped, state });
    };
    const follow = async () => {
      const path = `/runs/${encodeURIComponent(id)}/log/stream?offset=${offset}`;
      for await (const { event, data } of streamEvents(path, stop.signal)) {
        if (event === 'end') return true;
        const chunk = data as { text: string; length: number };
        offset = chunk.length;
        const pieces = (text + chunk.text).split('\n');
        text = pieces.pop() ?? '';
        lines = [...lines, ...pieces.map((line) => colour(ansi, afterLastReturn(line)))];
        if (lines.length > MAX_LINES) {
          dropped += lines.length - MAX_LINES;
          lines = lines.slice(-MAX_LINES);
        }
        show('following', escape(text));
      }
      return false;
    };
    const run = async () => {
      while (!stop.signal.aborted) {
        try {
          if (await follow()) {
            show('ended', text === '' ? '' : colour(ansi, text));
            return;
          }
        } catch {
          show('lost'); // Said beside the log; the hub is tried again.
        }
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    };
    void run();
    return () => {
      stop.abort();
    };
  }, [id]);
  return log;
}

/** Styles that the library writes inline, which the page's policy forbids, and the word for each in `data-ansi`. */
const STYLES: Readonly<Record<string, string>> = {
  'font-weight:bold': 'bold',
  'opacity:0.7': 'faint',
  'font-style:italic': 'italic',
  'text-decoration:underline': 'underline',
};

/** A line as escaped HTML. Quotes in its text are escaped, so what looks like an attribute here is one. */
function colour(ansi: AnsiUp, line: string): string {
  return ansi.ansi_to_html(line).replace(/ style="([^"]*)"/g, (_attribute, styles: string) => {
    const words = styles.split(';').flatMap((style) => STYLES[style.trim()] ?? []);
    return ` data-ansi="${words.join(' ')}"`;
  });
}

/** Progress lines rewrite themselves with carriage returns: what a terminal would show in the end. */
function afterLastReturn(line: string): string {
  const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
  return whole.slice(whole.lastIndexOf('\r') + 1);
}

function escape(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
