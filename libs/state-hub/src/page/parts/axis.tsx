/** What the ends of a chart stand for. */
export function Axis({ from, to }: { from: string; to: string }) {
  return (
    <p class="axis quiet" aria-hidden="true">
      <span>{from}</span>
      <span>{to}</span>
    </p>
  );
}
