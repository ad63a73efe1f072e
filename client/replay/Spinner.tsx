import { classes } from '../ui/classes.ts';
import styles from './Spinner.module.css';

/** Says that something is on its way, beside the words that say what. */
export function Spinner({ small = false }: { readonly small?: boolean }) {
  return <div className={classes(styles.spinner, small && styles.small)} />;
}
