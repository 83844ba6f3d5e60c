import type { RunState } from '@build-machines/protocol';
import type { RunProgress, Waiting } from '@build-machines/remote';
import prettyBytes from 'pretty-bytes';
import { describeWaiting, timeOfDay } from '../placing/describe-waiting.js';
import { ProgressLine } from '../reporting/progress-line.js';

/** A connection that stays lost is spoken of again after these times, in milliseconds. */
const LOSS_TOLD_AFTER = [10_000, 60_000, 180_000];

/** Where a run's output goes. */
export interface ConsoleStreams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** What is kept of a log, in characters. Agents keep less; one that is no agent of ours could fill the memory. */
const MAX_LOG = 256 * 1024 * 1024;

/** A part of a console's log, to its end. */
export interface LogSection {
  readonly text: () => string;
  /** See {@link RunConsole.arrivalOf}; lines are counted from the section's start. */
  readonly arrivalOf: (line: number) => number | undefined;
}

/** What a console may be told to do in another way. */
export interface ConsoleOptions {
  /** `progress`: see {@link RunConsole}. Default: `everything`. */
  readonly show?: 'everything' | 'progress';
  /** The time of day; default: that of this computer. */
  readonly now?: () => Date;
  /** How much of what the command prints is kept in `log`, in characters. */
  readonly maxLog?: number;
}

/**
 * Shows a run as it happens: the command's output as it comes, everything else as progress; keeps the log. With
 * `progress`, only the lines of the output that say how far cabal is: Nx prints the whole log of each task of a batch
 * when the task has ended, and would else show it twice.
 */
export class RunConsole {
  readonly #progress: ProgressLine;
  readonly #log: string[] = [];
  #kept = 0;
  /** For each piece of the log the lines that were complete before it, and when it came. */
  readonly #arrivals: { readonly line: number; readonly at: number }[] = [];
  #lines = 0;
  #waitingFor: string | undefined;
  #leased = false;
  #lossToldAt = 0;
  readonly #options: Required<ConsoleOptions>;

  constructor(
    private readonly streams: ConsoleStreams,
    private readonly verbose: boolean,
    { show = 'everything', now = () => new Date(), maxLog = MAX_LOG }: ConsoleOptions = {},
  ) {
    this.#progress = new ProgressLine(streams.stderr);
    this.#options = { show, now, maxLog };
  }

  /** Whether what the command prints is shown as it comes. */
  get showsOutput(): boolean {
    return this.#options.show === 'everything';
  }

  /** What the command printed so far, both streams in the order of arrival. */
  get log(): string {
    return this.#log.join('');
  }

  /** When the end of a line of the log came, counted from 0, in milliseconds since the epoch; undefined for one that is not there. */
  arrivalOf(line: number): number | undefined {
    return this.#arrivals.findLast((piece) => piece.line <= line)?.at;
  }

  /** What the command prints from now on, as a log of its own. */
  section(): LogSection {
    const characters = this.log.length;
    const lines = this.#lines;
    return {
      text: () => this.log.slice(characters),
      arrivalOf: (line) => this.arrivalOf(lines + line),
    };
  }

  /** Takes one progress report of `runRemotely`. */
  readonly report = (progress: RunProgress): void => {
    if (progress.type === 'session') {
      this.#progress.clear();
      return;
    }
    if (progress.type === 'output') {
      this.#progress.clear();
      this.#keep(progress.text);
      if (this.#options.show === 'everything') this.streams[progress.stream].write(progress.text);
      else for (const line of progressLines(progress.text)) this.note(line);
      return;
    }
    const line = progress.type === 'connection-lost' ? this.#lost(progress) : describe(progress, this.verbose);
    if (line === undefined) return;
    if (line.keep) this.note(line.text);
    else this.#progress.update(line.text, line.detail);
  };

  /** Says how the run stands in the queue for a machine: what is news stays on the screen. */
  readonly waiting = (waiting: Waiting): void => {
    const text = describeWaiting(waiting);
    const news = JSON.stringify([waiting.position, waiting.reasons]);
    if (news === this.#waitingFor) this.#progress.update('Waiting', text);
    else this.note(text);
    this.#waitingFor = news;
  };

  /** Says at once that the connection is lost and until when it is tried, and now and then that it still is. */
  #lost(progress: Extract<RunProgress, { type: 'connection-lost' }>): ProgressText {
    const { attempt, reason, retryInMs, lostForMs, giveUpInMs } = progress;
    if (attempt === 1) this.#lossToldAt = 0;
    const keep = attempt === 1 || LOSS_TOLD_AFTER.some((ms) => this.#lossToldAt < ms && lostForMs >= ms);
    if (keep) this.#lossToldAt = lostForMs;
    const until = `until ${timeOfDay(new Date(this.#options.now().getTime() + giveUpInMs))} at the latest`;
    return keep
      ? {
          text:
            attempt === 1
              ? `Connection lost (${reason}); the run goes on, if its machine does. Trying again ${until}`
              : `Still no connection after ${seconds(lostForMs)} (${reason}). Trying ${until}${this.#leased ? ', or until the State Hub counts the machine as gone' : ''}`,
          keep,
        }
      : { text: `No connection for ${seconds(lostForMs)}; attempt ${attempt} in ${seconds(retryInMs)}, ${until}` };
  }

  /** Says which machine it is, where that was not clear before. */
  placed(machine: string, { wasOpen, leased }: { wasOpen: boolean; leased: boolean }): void {
    this.#leased = leased;
    if (wasOpen || this.#waitingFor !== undefined) this.note(`Runs on ${machine}`);
    this.#waitingFor = undefined;
  }

  /** Drops the log so far: the run begins anew on another machine. */
  forgetLog(): void {
    this.#log.length = 0;
    this.#kept = 0;
    this.#arrivals.length = 0;
    this.#lines = 0;
  }

  #keep(text: string): void {
    if (this.#kept > this.#options.maxLog) return;
    this.#kept += text.length;
    this.#arrivals.push({ line: this.#lines, at: this.#options.now().getTime() });
    this.#lines += text.split('\n').length - 1;
    if (this.#kept <= this.#options.maxLog) this.#log.push(text);
    else this.note('The log is longer than what is kept of it here; the rest is shown only.');
  }

  /** Prints a line of our own that stays. */
  note(text: string): void {
    this.#progress.clear();
    this.streams.stderr.write(`▸ ${text}\n`);
  }

  /** Shows how far a long transfer is. */
  progress(phase: string, detail: string): void {
    this.#progress.update(phase, detail);
  }

  /** Ends the progress line. */
  close(): void {
    this.#progress.clear();
  }
}

/** Lines by which cabal, GHC and test suites say how far they are. */
const PROGRESS = /^(?:\[ *\d+ of \d+\] Compiling \S+|Linking |Running \d+ test suites)|Test suite \S+: (?:PASS|FAIL)$/;

function progressLines(text: string): string[] {
  // A module's line goes on with the paths of its files, which say nothing to somebody who waits.
  return text.split('\n').flatMap((line) => PROGRESS.exec(line)?.[0].trimEnd() ?? []);
}

interface ProgressText {
  readonly text: string;
  readonly detail?: string;
  /** Whether it stays on the screen. */
  readonly keep?: boolean;
}

function describe(
  progress: Exclude<RunProgress, { type: 'output' | 'connection-lost' | 'session' }>,
  verbose: boolean,
): ProgressText | undefined {
  switch (progress.type) {
    case 'scanned':
      return {
        text: `Scanned ${count(progress.files, 'file')}, read ${progress.hashed} of them, in ${seconds(progress.milliseconds)}`,
        keep: verbose,
      };
    case 'waiting-to-send':
      return { text: `Waiting: another task of this workspace is sending files to ${progress.machine}`, keep: true };
    case 'sending':
      return {
        text: `Sending ${count(progress.files, 'file')} (${prettyBytes(progress.bytes)}), removing ${progress.removed}${verbose ? fileList(progress.contents) : ''}`,
        keep: verbose,
      };
    case 'accepted':
      return { text: originText(progress.origin), keep: progress.origin !== 'started' };
    case 'state':
      return stateText(progress.state, progress.detail);
    case 'reconnected':
      return { text: 'Connected again', keep: true };
    case 'resubmitted':
      return { text: `The machine was lost under the run (${progress.reason}); it is started once more`, keep: true };
    case 'cancelling':
      return { text: 'Cancelling on the machine …', keep: true };
    case 'cancel-unconfirmed':
      return { text: `The machine could not be told to cancel: ${progress.reason}`, keep: true };
  }
}

/** So many files are listed; a first sync may send thousands. */
const LISTED = 40;

function fileList(contents: readonly { readonly path: string; readonly size: number }[]): string {
  const lines = contents.slice(0, LISTED).map(({ path, size }) => `\n    ${path}  ${prettyBytes(size)}`);
  const more = contents.length - LISTED;
  return lines.join('') + (more > 0 ? `\n    and ${count(more, 'other file')}` : '');
}

/** Only waiting is worth a line: for the rest the output speaks, and the summary. */
function stateText(state: RunState, detail: string | undefined): ProgressText | undefined {
  if (state === 'queued')
    return { text: `Waiting${detail === undefined ? ' for the machine' : `: ${detail}`}`, keep: true };
  // The agent says here what it does about a cancellation or a run without followers.
  return detail === undefined ? undefined : { text: detail, keep: !detail.startsWith('preparing') };
}

function originText(origin: string): string {
  if (origin === 'attached') return 'Attached to the same run, which is under way';
  if (origin === 'reused') return 'Answered from the record of an identical run';
  return 'Started';
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A duration for people. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
