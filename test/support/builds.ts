import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A build without an application: what a server hands out, and nothing that runs. */
export async function writeBareBuild(directory: string, build: string): Promise<void> {
  await mkdir(join(directory, 'assets'), { recursive: true });
  const script = `<script type="module" crossorigin src="/assets/index-${build}.js"></script>`;
  await writeFile(
    join(directory, 'index.html'),
    `<!doctype html><title>同课</title><script src="/guard.js" async></script>${script}`,
  );
  await writeFile(join(directory, 'assets', `index-${build}.js`), `console.log('${build}');`);
  await writeFile(join(directory, 'service-worker.js'), `// ${build}`);
}

/** The build at `pages` under another name: every file that names its first script is changed. */
export async function copyBuildAs(pages: string, directory: string, from: string, to: string): Promise<void> {
  await cp(pages, directory, { recursive: true, filter: (path) => !path.endsWith('.map') });
  for (const name of await readdir(directory, { recursive: true })) {
    if (!/\.(html|js|json)$/.test(name)) continue;
    const path = join(directory, name);
    const text = await readFile(path, 'utf8');
    if (text.includes(from)) await writeFile(path, text.replaceAll(from, to));
  }
  const script = (build: string) => join(directory, 'assets', `index-${build}.js`);
  await rename(script(from), script(to));
}
