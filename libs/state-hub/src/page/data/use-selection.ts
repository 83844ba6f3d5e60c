import { useEffect, useState } from 'preact/hooks';

/** The run in the page's address (`#run/<id>`), so that a log can be linked to and the back button works. */
export function useSelection(): [string | null, (id: string | null) => void] {
  const [selected, setSelected] = useState(fromAddress());
  useEffect(() => {
    const changed = () => {
      setSelected(fromAddress());
    };
    addEventListener('hashchange', changed);
    return () => {
      removeEventListener('hashchange', changed);
    };
  }, []);
  return [
    selected,
    (id) => {
      location.hash = id === null ? '' : `run/${id}`;
    },
  ];
}

function fromAddress(): string | null {
  return /^#run\/([0-9a-f-]{36})$/.exec(location.hash)?.[1] ?? null;
}
