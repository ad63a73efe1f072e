import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './Message.module.css';

interface MessageProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text?: string;
  readonly children?: ReactNode;
}

/** A whole page (or place) with one thing to say, and at most one thing to do. */
export function Message({ icon: Icon, title, text, children }: MessageProps) {
  return (
    <div className={styles.message} role="status">
      <span className={styles.icon}>
        <Icon aria-hidden size={32} strokeWidth={1.6} />
      </span>
      <h1 className={styles.title}>{title}</h1>
      {text && <p className={styles.text}>{text}</p>}
      {children && <div className={styles.actions}>{children}</div>}
    </div>
  );
}

/** While a page opens. Appears late, so that what is quick does not flicker. */
export function Opening({ text }: { text: string }) {
  return (
    <div className={styles.opening} role="status">
      <span className={styles.stroke} aria-hidden />
      <p>{text}</p>
    </div>
  );
}
