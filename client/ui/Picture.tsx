import { useEffect, useRef } from 'react';
import { classes } from './classes.ts';
import styles from './Picture.module.css';

interface PictureProps {
  readonly track: MediaStreamTrack;
  readonly label: string;
  /** As in a mirror: how one expects to see oneself. */
  readonly mirrored?: boolean;
  /** `whole` leaves bars rather than cut: for screens that are shared. */
  readonly fit?: 'fill' | 'whole';
  readonly className?: string;
}

/** A live picture, always silent: voices play by themselves (`Voice`). */
export function Picture({ track, label, mirrored, fit = 'fill', className }: PictureProps) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    element.srcObject = new MediaStream([track]);
    // Muted pictures may always play; a rejection only says that the track was replaced before it began.
    element.play().catch(() => {});
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  return (
    <video
      ref={ref}
      aria-label={label}
      autoPlay
      playsInline
      muted
      disablePictureInPicture
      className={classes(styles.picture, styles[fit], mirrored && styles.mirrored, className)}
    />
  );
}
