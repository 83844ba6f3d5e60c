import type { ComponentChildren } from 'preact';

interface Props {
  title: string;
  id: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}

export function Card({ title, id, aside, children }: Props) {
  return (
    <section class={`card ${id}-card`} aria-labelledby={`${id}-title`}>
      <div class="card-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** Shown until the first answer is there. */
export function Placeholder() {
  return <div class="placeholder" aria-hidden="true" />;
}
