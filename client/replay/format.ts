/** Milliseconds as `m:ss`, or `h:mm:ss` from an hour on; the same digits in every language. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Bytes as people weigh them against a data plan: `0.3 MB`, `14 MB`, `1.2 GB` (decimal, as plans are sold). */
export function sizeText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 9.5e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${Math.max(0.1, bytes / 1e6).toFixed(1)} MB`;
}
