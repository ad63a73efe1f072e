import 'react';

declare module 'react' {
  interface CSSProperties {
    /** Where a resting screen's picture stands: `Waiting` to its styles. */
    '--across'?: string;
    '--down'?: string;
  }
}
