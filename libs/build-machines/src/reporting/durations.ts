const units: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** A span of time in its largest whole unit, for tables: `42 s`, `3 min`, `5 h`, `2 d`. */
export function shortDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [size, name] = units.find(([unit]) => seconds >= unit) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${name}`;
}

/** How long ago a time was. @param iso ISO 8601. @param now milliseconds since the epoch. */
export function ago(iso: string, now: number): string {
  return `${shortDuration(now - Date.parse(iso))} ago`;
}
