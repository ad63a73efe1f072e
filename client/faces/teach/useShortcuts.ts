import { useEffect, useRef } from 'react';
import type { Tool } from '../board/pens.ts';
import type { Live } from '../live/Lesson.tsx';
import { turnPage } from './pages.ts';

const TOOLS: Readonly<Record<string, Tool>> = {
  ...{ p: 'pen', h: 'highlighter', e: 'eraser', l: 'laser' },
  ...{ s: 'select', t: 'text', x: 'shape' },
};

interface Actions {
  readonly live: Live;
  readonly onTool: (tool: Tool) => void;
  readonly onMicrophone: () => void;
  readonly onHelp: () => void;
}

/** For a hand on the keyboard; nothing happens while somebody types or a dialog is open. */
export function useShortcuts(actions: Actions) {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTaken(event)) return;
      if (handle(event, latest.current)) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function isTaken({ target, defaultPrevented, altKey, isComposing }: KeyboardEvent): boolean {
  if (defaultPrevented || altKey || isComposing || !(target instanceof Element)) return true;
  return (
    target.closest(
      'input, textarea, select, [contenteditable], [role="dialog"], [role="menu"], [role="listbox"]',
    ) !== null
  );
}

function handle(event: KeyboardEvent, { live, onTool, onMicrophone, onHelp }: Actions): boolean {
  const key = event.key.toLowerCase();
  const page = live.state.board.current;
  if (event.ctrlKey || event.metaKey) {
    const redo = key === 'y' || (key === 'z' && event.shiftKey);
    if (!redo && key !== 'z') return false;
    live.session.perform(redo ? 'ink.redo' : 'ink.undo', { page });
    return true;
  }
  const tool = TOOLS[key];
  if (tool) onTool(tool);
  else if (key === 'm') onMicrophone();
  else if (key === '?') onHelp();
  else if (key === 'pageup') turnPage(live, -1);
  else if (key === 'pagedown') turnPage(live, 1);
  else return false;
  return true;
}
