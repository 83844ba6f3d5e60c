import type { ResolvedToolchain, RunState } from '@build-machines/protocol';

/** What a caller of runRemotely is told while it waits. */
export type RunProgress =
  /** Of a session: from here the terminal is the command's. */
  | { readonly type: 'session' }
  | { readonly type: 'scanned'; readonly files: number; readonly hashed: number; readonly milliseconds: number }
  /** Another process of this workspace sends to the machine; what it sends need not be sent again. */
  | { readonly type: 'waiting-to-send'; readonly machine: string }
  | {
      readonly type: 'sending';
      readonly files: number;
      /** Of the files, before compression. */
      readonly bytes: number;
      readonly removed: number;
      /** Where each content that is sent lies, and its size; one path per content. */
      readonly contents: readonly { readonly path: string; readonly size: number }[];
    }
  | {
      readonly type: 'accepted';
      readonly runId: string;
      readonly origin: string;
      readonly toolchain: ResolvedToolchain;
    }
  | { readonly type: 'state'; readonly state: RunState; readonly detail?: string }
  /** Paths of the mirror are replaced by the workspace's. */
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** The run goes on at the machine; the connection is being restored. */
  | {
      readonly type: 'connection-lost';
      readonly reason: string;
      readonly attempt: number;
      readonly retryInMs: number;
      /** Since when, and how long it will be tried still. */
      readonly lostForMs: number;
      readonly giveUpInMs: number;
    }
  | { readonly type: 'reconnected' }
  /** The machine was lost under the run, not the build: it is submitted once more. */
  | { readonly type: 'resubmitted'; readonly reason: string }
  | { readonly type: 'cancelling' }
  /** The machine could not be told in time. */
  | { readonly type: 'cancel-unconfirmed'; readonly reason: string };
