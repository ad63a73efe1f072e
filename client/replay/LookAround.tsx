import { Eye, ZoomIn, ZoomOut } from 'lucide-react';
import { type RefObject, useEffect, useSyncExternalStore } from 'react';
import { attachNavigation } from '../board/navigation.ts';
import { Button } from '../ui/Button.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import type { Look } from './look.ts';
import styles from './Stage.module.css';
import { useWords } from './texts.ts';

const STEP = 1.5;
/** Less than this is a touch, not a pull; CSS pixels. */
const PULL_PX = 6;

/** The board nearer or farther; and one touch back to what the teacher showed. */
export function LookControls({ look }: { readonly look: Look }) {
  const view = useSyncExternalStore(look.subscribe, look.view);
  const { say } = useWords();
  return (
    <fieldset className={styles.look} aria-label={say('look')} data-astray={view !== null}>
      {view && (
        <Button icon={Eye} className={styles.follow} onPress={() => look.follow()}>
          {say('follow')}
        </Button>
      )}
      {view && (
        <IconButton
          icon={ZoomOut}
          label={say('smaller')}
          isDisabled={look.isWhole}
          onPress={() => look.zoom(1 / STEP)}
        />
      )}
      <IconButton
        icon={ZoomIn}
        label={say('larger')}
        isDisabled={look.isLargest}
        onPress={() => look.zoom(STEP)}
      />
    </fieldset>
  );
}

/** Fingers, wheel and mouse move the board that lies in `stage`; a pull is no press on what lies over it. */
export function useLookAround(stage: RefObject<HTMLElement | null>, look: Look): void {
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const boxOf = () => element.querySelector('[role="img"]')?.getBoundingClientRect();
    const pan = (dx: number, dy: number) => {
      const box = boxOf();
      if (!box) return;
      const [x, y] = look.unitsPerPixel(box);
      look.pan(dx * x, dy * y);
    };
    const stopTouch = attachNavigation(element, {
      pansWithOne: () => !look.isWhole,
      fingersWrite: () => false,
      release: () => {},
      zoom(factor, x, y) {
        const box = boxOf();
        if (box) look.zoom(factor, look.toBoard(box, x, y));
      },
      pan,
    });
    const stopMouse = attachMouse(element, look, pan);
    return () => {
      stopTouch();
      stopMouse();
    };
  }, [stage, look]);
}

function attachMouse(element: HTMLElement, look: Look, pan: (dx: number, dy: number) => void): () => void {
  let from: { x: number; y: number } | null = null;
  let pulled = false;
  const down = (event: PointerEvent) => {
    pulled = false;
    if (event.pointerType === 'mouse' && event.button === 0 && !look.isWhole)
      from = { x: event.clientX, y: event.clientY };
  };
  const move = (event: PointerEvent) => {
    if (!from || event.buttons === 0) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!pulled && Math.hypot(dx, dy) < PULL_PX) return;
    pulled = true;
    from = { x: event.clientX, y: event.clientY };
    pan(dx, dy);
  };
  const up = () => {
    from = null;
  };
  const click = (event: MouseEvent) => {
    if (!pulled) return;
    pulled = false;
    event.stopPropagation();
    event.preventDefault();
  };
  element.addEventListener('pointerdown', down);
  element.addEventListener('click', click, { capture: true });
  window.addEventListener('pointermove', move);
  window.addEventListener('pointerup', up);
  return () => {
    element.removeEventListener('pointerdown', down);
    element.removeEventListener('click', click, { capture: true });
    window.removeEventListener('pointermove', move);
    window.removeEventListener('pointerup', up);
  };
}
