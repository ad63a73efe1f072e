import { useCallback, useState } from 'react';
import { call } from '../../api.ts';
import { useTell } from '../../ui/Toasts.tsx';

export interface Selection {
  readonly rooms: readonly string[];
  readonly toggle: (room: string) => void;
  /** All that the list holds, on its other pages too. */
  readonly all: () => void;
  readonly clear: () => void;
}

/** As many as an answer of the list may have. */
const AT_ONCE = 200;

/** The rooms that something is to be asked of together. `filter`: of which list. */
export function useSelection(filter: Readonly<Record<string, string>>): Selection {
  const tell = useTell();
  const [rooms, setRooms] = useState<readonly string[]>([]);
  const asked = JSON.stringify(filter);
  const toggle = useCallback((room: string) => {
    setRooms((before) => (before.includes(room) ? before.filter((one) => one !== room) : [...before, room]));
  }, []);
  const all = useCallback(() => {
    readAll(JSON.parse(asked)).then(setRooms).catch(tell.error);
  }, [asked, tell]);
  const clear = useCallback(() => setRooms([]), []);
  return { rooms, toggle, all, clear };
}

async function readAll(filter: Readonly<Record<string, string>>): Promise<string[]> {
  const found = new Set<string>();
  for (let from = 0; ; from += AT_ONCE) {
    const query = { ...filter, from: String(from), limit: String(AT_ONCE) };
    const { rooms } = await call('room.list', { query });
    for (const { id } of rooms) found.add(id);
    if (rooms.length < AT_ONCE) return [...found];
  }
}
