interface Props {
  label: string;
  /** From 0 to 1; more than 1 is shown as full. */
  value: number;
  text: string;
  /** `use`: full is as good as empty. `strain`: the fuller, the worse. */
  kind: 'use' | 'strain';
}

/** A labelled bar. */
export function Meter({ label, value, text, kind }: Props) {
  const share = Math.min(Math.max(value, 0), 1);
  const level = kind === 'use' ? 'use' : value > 1 ? 'high' : value > 0.75 ? 'middle' : 'low';
  return (
    <div class="meter">
      <span class="meter-label">{label}</span>
      <span class="meter-text">{text}</span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="100" height="6" rx="3" />
        <rect class={level} width={share * 100} height="6" rx="3" />
      </svg>
    </div>
  );
}
