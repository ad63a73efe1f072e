import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fromBuffer } from 'yauzl';

/** Unpacks as any program would; names are as in the archive. */
export function unzip(zip: Buffer, folder: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    fromBuffer(zip, { lazyEntries: true }, (error, file) => {
      if (error) return reject(error);
      const names: string[] = [];
      file.on('error', reject);
      file.on('end', () => resolve(names));
      file.on('entry', (entry) => {
        names.push(entry.fileName);
        file.openReadStream(entry, async (failed, stream) => {
          if (failed) return reject(failed);
          const path = join(folder, entry.fileName);
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, stream);
          file.readEntry();
        });
      });
      file.readEntry();
    });
  });
}
