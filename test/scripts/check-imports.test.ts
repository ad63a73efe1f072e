import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkImports } from '../../scripts/check-imports.mjs';
import { findImports } from '../../scripts/lib/imports.mjs';

describe('check-imports', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tongke-imports-'));
  });

  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function plant(files: Record<string, string>): string[] {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    return checkImports(root).map(({ file, line }) => `${file}:${line}`);
  }

  it('accepts what the architecture allows', () => {
    const found = plant({
      'protocol/lesson.ts': `import { z } from 'zod';\nimport { id } from './common.ts';`,
      'client/board/canvas.ts': `import { Canvas } from 'fabric';\nimport type { Op } from '../../protocol/board.ts';`,
      'client/lesson/media.ts': `import { Device } from 'mediasoup-client';`,
      'media/node.ts': `import fs from 'node:fs';\nimport * as mediasoup from 'mediasoup';`,
      'recordings/recorder.ts': `import type { LessonEvent } from '../protocol/events.ts';`,
      'server/main.ts': `import { MediaNode } from '../media/node.ts';\nawait import('../recordings/recorder.ts');`,
      'server/store/lessons.ts': `import mongoose from 'mongoose';`,
      'test/any.test.ts': `import { MediaNode } from '../media/node.ts';\nimport 'mongoose';`,
    });
    assert.deepEqual(found, []);
  });

  const violations: Record<string, [file: string, text: string]> = {
    'protocol importing another package': ['protocol/a.ts', `import x from 'express';`],
    'protocol importing Node': ['protocol/a.ts', `import { join } from 'node:path';`],
    'protocol importing Node without the prefix': ['protocol/a.ts', `import { join } from 'path';`],
    'client importing the server': ['client/a.tsx', `import { x } from '../server/a.ts';`],
    'client importing Node': ['client/a.ts', `import 'node:fs';`],
    'media importing the recorder': ['media/a.ts', `export * from '../recordings/a.ts';`],
    'recordings importing the server for types': [
      'recordings/a.ts',
      `import type { X } from '../server/a.ts';`,
    ],
    'a type written as an import': ['media/a.ts', `let x: import('../server/a.ts').X;`],
    'a dynamic import': ['client/a.ts', `const x = () => import("../media/a.ts");`],
    'an import whose module is not known': ['server/a.ts', `await import(name);`],
    'server importing media outside main.ts': [
      'server/lessons/a.ts',
      `import { x } from '../../media/a.ts';`,
    ],
    'server importing the tests': ['server/a.ts', `import { x } from '../test/support/a.ts';`],
    'mongoose outside the store': ['server/http/a.ts', `import { Types } from 'mongoose';`],
    'a part of a guarded package': ['server/http/a.ts', `import { x } from 'mediasoup/types';`],
    'mediasoup-client in the server': ['server/a.ts', `import { x } from 'mediasoup-client';`],
    'fabric outside the board': ['client/ui/a.ts', `import { x } from 'fabric';`],
  };
  for (const [what, [file, text]] of Object.entries(violations)) {
    it(`finds ${what}`, () => {
      assert.deepEqual(plant({ [file]: `\n${text}` }), [`${file}:2`]);
    });
  }

  it('allows fabric in one file only', () => {
    const found = plant({
      'client/board/a.ts': `import { Canvas } from 'fabric';`,
      'client/board/b.ts': `import type { Path } from 'fabric';`,
    });
    assert.deepEqual(found, ['client/board/a.ts:1', 'client/board/b.ts:1']);
  });

  it('holds for this checkout', () => {
    assert.deepEqual(checkImports(), []);
  });
});

describe('findImports', () => {
  const names = (source: string) => findImports(source).map(({ specifier }) => specifier);

  it('finds imports that span lines and re-exports', () => {
    assert.deepEqual(
      names(`import {\n  a,\n} from './a.ts';\nexport { b } from "./b.ts"; import './c.css';`),
      ['./a.ts', './b.ts', './c.css'],
    );
  });

  it('finds an import inside a template', () => {
    assert.deepEqual(
      names(`const t = \`a \${ { b: \`\${await import("./in.ts")}\` } } c\`; import "./after.ts";`),
      ['./in.ts', './after.ts'],
    );
  });

  it('does not take a method of that name for an import', () => {
    const source = `class A { async import(x: B): Promise<C> { return 1; } require(x) { f(x); } }`;
    assert.deepEqual(names(`${source}\nconst b = a ? import(x) : import('./y.ts');`), [undefined, './y.ts']);
  });

  it('takes nothing from comments, strings, templates and regular expressions', () => {
    const source = [
      `// import a from './1.ts'`,
      `/* import a from './2.ts' */`,
      `const s = "import a from './3.ts'";`,
      `const t = \`import a from './4.ts' \${1}\`;`,
      `const r = /['"\`] import a from '5.ts'/;`,
      `Array.from('./6.ts'); loader.import('./7.ts');`,
      `const half = a / b; const text = <p>don't</p>;`,
      `import real from './real.ts';`,
    ];
    assert.deepEqual(names(source.join('\n')), ['./real.ts']);
  });
});
