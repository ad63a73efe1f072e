import styles from './Highland.module.css';

interface HighlandProps {
  /** `tall` for a page's side, `wide` for a whole screen. */
  readonly shape: keyof typeof VIEWS;
  readonly className?: string;
}

const VIEWS = {
  tall: { viewBox: '0 0 900 1000', preserveAspectRatio: 'xMidYMid slice' },
  wide: { viewBox: '0 240 900 640', preserveAspectRatio: 'xMaxYMax slice' },
};

/** A county on the high plateau at daybreak: one stroke begins at the school and reaches every village. */
export function Highland({ shape, className }: HighlandProps) {
  return (
    <svg aria-hidden="true" className={className} {...VIEWS[shape]}>
      <rect width="900" height="1000" className={styles.sky} />
      <circle cx="664" cy="330" r="58" className={styles.sun} />
      <path
        className={styles.far}
        d="M0 566 78 508 132 532 236 412 300 470 352 436 466 318 540 398 588 372 668 462 742 414 838 500 900 470V1000H0Z"
      />
      <path
        className={styles.snow}
        d="M236 412 300 470 268 462 244 482 222 458 196 470 203 450ZM466 318 540 398 512 392 486 424 460 386 424 416 412 374ZM742 414 790 457 764 452 744 470 722 446 704 452 706 437Z"
      />
      <path
        className={styles.middle}
        d="M0 640C90 588 168 566 262 596s150 62 238 34 150-92 248-88 108 36 152 46V1000H0Z"
      />
      <path className={styles.near} d="M0 778c84-52 190-80 300-58s182 84 300 74 196-66 300-52V1000H0Z" />
      <path className={styles.front} d="M0 900c150-54 300-30 450-12s300 8 450-34V1000H0Z" />

      <School x={176} y={706} />
      <Village x={492} y={622} />
      <Village x={742} y={538} />
      <Village x={806} y={738} />

      <path
        className={styles.stroke}
        pathLength="1"
        d="M206 690C262 640 300 716 364 694S470 600 508 616 600 664 640 610 700 520 758 532 868 604 850 656 812 712 822 732"
      />
    </svg>
  );
}

function School({ x, y }: { x: number; y: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <path className={styles.wall} d="M-34 0h84v34h-84z" />
      <path className={styles.roof} d="M-42 2 8-24 58 2z" />
      <path className={styles.window} d="M-24 10h14v12h-14zM0 10h16v24H0zM26 10h14v12H26z" />
      <path className={styles.pole} d="M8-24v-44" />
      <path className={styles.flag} d="M9-67h24v15H9z" />
    </g>
  );
}

function Village({ x, y }: { x: number; y: number }) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <path className={styles.wall} d="M0 0h36v22H0zM42 8h24v16H42z" />
      <path className={styles.roof} d="M-4 0h44v-6H-4zM39 8h30V3H39z" />
      <path className={styles.window} d="M12 7h10v9H12zM50 13h8v6h-8z" />
    </g>
  );
}
