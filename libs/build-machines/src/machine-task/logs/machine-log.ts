/** Which part of a log is shown, and how. */
export interface LogView {
  /** Lines from its end. */
  readonly lines: number;
  /** Go on with what is added, until `signal` aborts. */
  readonly follow: boolean;
  readonly print: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One log of a machine, wherever it lies. */
export interface MachineLog {
  readonly unit: string;
  show(view: LogView): Promise<void>;
}
