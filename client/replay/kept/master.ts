/** What a main playlist (RFC 8216) offers, as far as keeping one of its variants needs it. */
export interface Variant {
  readonly uri: string;
  readonly codecs: string;
  /** Lines of the picture; null for a voice alone. */
  readonly height: number | null;
  /** bit/s on average, with its sound. */
  readonly average: number;
  /** The media playlist of its sound, where that is one of its own. */
  readonly sound: string | null;
}

export function variantsOf(master: string): Variant[] {
  const sounds = new Map(
    Array.from(master.matchAll(/^#EXT-X-MEDIA:(.*TYPE=AUDIO.*)$/gm), ([, line = '']) => [
      attribute(line, 'GROUP-ID'),
      attribute(line, 'URI'),
    ]),
  );
  return Array.from(
    master.matchAll(/^#EXT-X-STREAM-INF:(.*)\r?\n([^#\s].*)$/gm),
    ([, line = '', uri = '']): Variant => {
      const height = /x(\d+)$/.exec(attribute(line, 'RESOLUTION') ?? '')?.[1];
      return {
        uri: uri.trim(),
        codecs: attribute(line, 'CODECS') ?? '',
        height: height === undefined ? null : Number(height),
        average: Number(attribute(line, 'AVERAGE-BANDWIDTH') ?? attribute(line, 'BANDWIDTH') ?? 0),
        sound: sounds.get(attribute(line, 'AUDIO')) ?? null,
      };
    },
  );
}

/** The same playlist with one variant: what a player finds where only that one was kept. */
export function withOnly(master: string, { uri }: Variant): string {
  const lines = master.split('\n');
  const isOther = (i: number): boolean =>
    lines[i]?.startsWith('#EXT-X-STREAM-INF:') === true && lines[i + 1]?.trim() !== uri;
  return lines.filter((_, i) => !isOther(i) && !isOther(i - 1)).join('\n');
}

function attribute(line: string, name: string): string | null {
  const found = new RegExp(`(?:^|[,:])${name}=(?:"([^"]*)"|([^,]*))`).exec(line);
  return found?.[1] ?? found?.[2] ?? null;
}
