import 'react';

declare module 'react' {
  interface CSSProperties {
    /** Where the lesson is, as a share of its line: `Scrubber` to `Watch.module.css`. */
    '--at'?: string;
    /** Where its preview stands, as such a share. */
    '--over'?: string;
  }
}
