import type { RasterKind } from './kinds.ts';
import { FileRefused } from './refused.ts';

export interface RasterInfo {
  readonly width: number;
  readonly height: number;
  /** As in EXIF: 1 upright; 3 upside down; 6 and 8 lie on a side; even ones and 5, 7 are mirrored too. */
  readonly orientation: number;
}

/** A picture's size from its own head, without unpacking a pixel of it. Throws FileRefused where it has none. */
export function readRaster(kind: RasterKind, file: Buffer): RasterInfo {
  try {
    const info = READERS[kind](file);
    if (info.width > 0 && info.height > 0) return info;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // read beyond its end
  }
  throw new FileRefused('file_damaged');
}

const READERS: Readonly<Record<RasterKind, (file: Buffer) => RasterInfo>> = {
  png: (file) => ({ width: file.readUInt32BE(16), height: file.readUInt32BE(20), orientation: 1 }),
  gif: (file) => ({ width: file.readUInt16LE(6), height: file.readUInt16LE(8), orientation: 1 }),
  webp: readWebp,
  jpeg: readJpeg,
};

/** RFC 9649: what the first chunk is says where the size is. */
function readWebp(file: Buffer): RasterInfo {
  if (file.readUInt32LE(4) + 8 > file.length) throw new FileRefused('file_damaged');
  switch (file.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: file.readUIntLE(24, 3) + 1, height: file.readUIntLE(27, 3) + 1, orientation: 1 };
    case 'VP8L': {
      const bits = file.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1, orientation: 1 };
    }
    case 'VP8 ':
      return {
        width: file.readUInt16LE(26) & 0x3fff,
        height: file.readUInt16LE(28) & 0x3fff,
        orientation: 1,
      };
    default:
      throw new FileRefused('file_damaged');
  }
}

/** ITU T.81: segments until the one that begins a frame. */
function readJpeg(file: Buffer): RasterInfo {
  let orientation = 1;
  for (let at = 2; ; ) {
    if (file.readUInt8(at) !== 0xff) throw new FileRefused('file_damaged');
    const marker = file.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1; // padding
      continue;
    }
    const length = file.readUInt16BE(at + 2);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: file.readUInt16BE(at + 7), height: file.readUInt16BE(at + 5), orientation };
    if (marker === 0xe1) orientation = readOrientation(file.subarray(at + 4, at + 2 + length)) ?? orientation;
    at += 2 + length;
  }
}

const ORIENTATION_TAG = 0x0112;

/** How the camera was held: phones leave turning the picture to whoever shows it. Null where nothing sensible says so. */
function readOrientation(exif: Buffer): number | null {
  try {
    return orientationIn(exif);
  } catch (error) {
    if (error instanceof RangeError) return null; // points beyond its end
    throw error;
  }
}

function orientationIn(exif: Buffer): number | null {
  if (exif.toString('latin1', 0, 6) !== 'Exif\0\0') return null;
  const tiff = exif.subarray(6);
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  const count = short(first);
  for (let i = 0; i < count; i++) {
    const entry = first + 2 + i * 12;
    if (short(entry) !== ORIENTATION_TAG) continue;
    const value = short(entry + 8);
    return value >= 1 && value <= 8 ? value : null;
  }
  return null;
}
