import assert from 'node:assert/strict';
import { deflateSync, inflateSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { drawingOperators } from '../../client/board/drawing-pdf.ts';
import type { DrawingNode } from '../../client/board/drawing-values.ts';
import { toPdf } from '../../client/board/export-pdf.ts';
import { escaped, toSvg } from '../../client/board/export-svg.ts';
import type { BoardPage, Stroke } from '../../protocol/board.ts';
import { encodeInk, type InkPoint } from '../../protocol/ink.ts';
import { WITHOUT } from '../support/chromium.ts';

const HOSTILE = `</tspan></text><script>window.ran = 1</script><image href="x" onerror="window.ran = 1"/> " ' & ]]> \u0000\u0008\ud800`;

const points = Array.from(
  { length: 40 },
  (_, i): InkPoint => [200 + i * 10, 300 + (i % 5) * 8, i * 8, 90 + i],
);
const stroke = (id: string, more: Partial<Stroke> = {}): Stroke => ({
  ...{ id, by: 'dolma', brush: { tool: 'pen', colour: '#1557b0', width: 9, grid: 1 }, t: 1 },
  ...{ chunks: [encodeInk([], points)], done: true, hidden: false },
  ...more,
});

const page: BoardPage = {
  id: 'page1',
  kind: 'tianzige',
  strokes: {
    s1: stroke('s1'),
    s2: stroke('s2', { matrix: [1, 0, 0, 1, 0, 200], cuts: { c1: [[160, 320]] } }),
    s3: stroke('s3', { hidden: true }),
    s4: stroke('s4', { brush: { tool: 'highlighter', colour: '#ffd633', width: 34, grid: 1 } }),
  },
  items: {
    i1: {
      ...{ id: 'i1', by: 'dolma', t: 2, hidden: false },
      content: {
        kind: 'shape',
        shape: 'ellipse',
        points: [
          [900, 300],
          [1200, 500],
        ],
        colour: '#c3281a',
        width: 7,
      },
    },
    i2: {
      ...{ id: 'i2', by: 'pema', t: 3, hidden: false },
      content: {
        kind: 'text',
        at: [200, 700],
        width: 900,
        size: 60,
        colour: '#14212b',
        text: HOSTILE,
        breaks: [],
      },
    },
  },
};

describe('export', () => {
  it('writes an SVG in which nothing runs, whatever people wrote', async () => {
    const svg = toSvg([{ page }, { page: { ...page, id: 'p2' } }]);
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', WITHOUT],
    });
    try {
      const view = await browser.newPage();
      await view.setContent('<p></p>');
      const found = await view.evaluate((source) => {
        const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
        document.body.append(document.importNode(parsed.documentElement, true)); // as hostile as it gets
        const names = new Set([...parsed.querySelectorAll('*')].map(({ localName }) => localName));
        const attributes = new Set(
          [...parsed.querySelectorAll('*')].flatMap((each) => each.getAttributeNames()),
        );
        return { names: [...names].sort(), attributes: [...attributes], ran: 'ran' in window };
      }, svg);
      assert.deepEqual(found.names, ['path', 'rect', 'svg', 'text', 'tspan']); // no parsererror among them
      assert.equal(found.attributes.filter((name) => /^on|href/.test(name)).length, 0);
      assert.equal(found.ran, false);
    } finally {
      await browser.close();
    }
  });

  it('leaves out what is erased, hidden or veiled', () => {
    const paths = (svg: string) => svg.match(/<path/g)?.length ?? 0;
    const all = paths(toSvg([{ page }]));
    assert.equal(
      paths(toSvg([{ page: { ...page, strokes: { ...page.strokes, s1: stroke('s1', { hidden: true }) } } }])),
      all - 1,
    );
    assert.equal(toSvg([{ page }], ['pema']).includes('<text'), false);
  });

  it('escapes what XML cannot hold', () => {
    assert.equal(
      escaped('<a b="c">\'&\u0000\u001b\ud800\ufffe'),
      '&lt;a b=&quot;c&quot;&gt;&#39;&amp;\ufffd',
    );
  });

  it('writes a PDF whose table finds every object, and whose streams open', async () => {
    const file = Buffer.from(
      await toPdf([page, { ...page, id: 'p2', kind: 'blank' }], {
        beneath: () => Promise.reject(new Error('there is nothing beneath')),
        stencil: () => ({
          ...{ width: 8, height: 2, bits: new Uint8Array([255, 129]) },
          ...{ left: 200, top: 700, right: 1100, bottom: 790 },
        }),
        deflate: async (data) => deflateSync(data),
      }),
    );
    const text = file.toString('latin1');
    const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
    assert.equal(text.slice(start, start + 4), 'xref');
    const offsets = [...text.slice(start).matchAll(/^(\d{10}) 00000 n /gm)].map(([, offset]) =>
      Number(offset),
    );
    offsets.forEach((offset, i) => {
      assert.ok(text.startsWith(`${i + 1} 0 obj\n`, offset), `object ${i + 1}`);
    });
    const streams = [...text.matchAll(/\/Length (\d+)>>\nstream\n/g)].map(({ 1: length, 0: head, index }) =>
      inflateSync(file.subarray(index + head.length, index + head.length + Number(length))).toString(
        'latin1',
      ),
    );
    assert.equal(streams.length, 4); // two pages, two stencils
    assert.match(streams.find((stream) => stream.includes(' cm')) ?? '', /\/F gs[\s\S]*\/I0 Do/);
    assert.doesNotMatch(text, /\/(JS|JavaScript|OpenAction|AA|URI|Launch|EmbeddedFile)\b/);
    assert.equal(text.includes('script'), false);
  });

  it('writes a drawing of courseware as lines, and nothing of it but numbers', () => {
    const drawn = drawingOperators(
      drawing(`<defs><symbol id="a"><path d="M1 1l2-.5H9v3z"/></symbol><clipPath id="c"><rect width="50" height="50"/></clipPath></defs>
        <g clip-path="url(#c)" fill="rgb(100%,0%,50%)"><use href="#a" x="10" y="20"/></g>
        <path d="M0 0C1 1 2 2 3 3S5 5 6 6" style="fill:none;stroke:#00f;stroke-width:2;stroke-dasharray:3 1" transform="translate(5,6)"/>
        <image width="20" height="10" href="data:image/png;base64,AAAA"/><circle cx="5" cy="5" r="2" fill-opacity=".5"/>`),
    );
    assert.ok(drawn);
    assert.deepEqual(drawn.box, [0, 0, 100, 60]);
    assert.deepEqual(drawn.pictures, [{ url: 'data:image/png;base64,AAAA', ratio: 2 }]);
    assert.deepEqual(drawn.alphas, [[0.5, 1]]);
    assert.match(
      drawn.content,
      /50 50 l[\s\S]*W n[\s\S]*1 0 0\.5 rg\n1 1 m\n3 0\.5 l\n9 0\.5 l\n9 3\.5 l\n h\nf/,
    );
    assert.match(
      drawn.content,
      /1 0 0 1 5 6 cm\n0 0 1 RG 2 w 0 J 0 j 4 M \[3 1\] 0 d\n0 0 m\n1 1 2 2 3 3 c\n4 4 5 5 6 6 c/,
    );
    assert.match(drawn.content, /^(?:[-\d. ]|[qQfSBWnhmlc*]|cm|rg|RG|gs|Do|[wJjMd]|[[\]]|\/[DT]\d+|\n)*$/);
  });

  it('writes colours that pass into each other as PDF knows them', () => {
    const gradient = (more: string, x1 = '0') =>
      `<linearGradient id="g" gradientUnits="userSpaceOnUse" x1="${x1}" y1="0" x2="0" y2="60" ${more}>
        <stop offset="0.25" stop-color="#f00"/><stop offset="75%" stop-color="rgb(0%,0%,100%)"/></linearGradient>
        <rect width="100" height="60" fill="url(#g)"/>`;
    const drawn = drawingOperators(drawing(gradient('gradientTransform="scale(2)"')));
    assert.match(drawn?.content ?? '', /100 60 l[\s\S]*W n\n2 0 0 2 0 0 cm\n\/S0 sh\nQ$/);
    const [shading = ''] = drawn?.shadings ?? [];
    assert.match(shading, /^<<\/ShadingType 2\/Coords\[0 0 0 60\]\/Extend\[true true\]/);
    assert.match(shading, /\/C0\[1 0 0\]\/C1\[0 0 1\]>>.*\/Bounds\[0\.25 0\.75\]\/Encode\[0 1 0 1 0 1\]/);
    assert.equal(drawingOperators(drawing(gradient('spreadMethod="repeat"'))), null);
    assert.equal(drawingOperators(drawing(gradient('', '0) /JS'))), null);
  });

  it('leaves a drawing to the browser where it is more than lines, or means ill', () => {
    const refused = [
      '<text>1</text>',
      '<script>app.alert(1)</script>',
      '<style>path{fill:red}</style><path d="M0 0L9 9"/>',
      '<rect width="9" height="9" fill="url(#g)"/>',
      '<g mask="url(#m)"><path d="M0 0L9 9"/></g>',
      '<path d="M0 0A1 1 0 0 0 9 9"/>',
      '<path d="M0 0) Tj ET /JS (app.alert(1)) L9 9"/>',
      '<path d="M0 0L9 9" fill="red) /Launch"/>',
      '<rect width="NaN" height="9"/>',
      '<rect width="1e99" height="9"/>',
      '<path d="M0 0L9 9" stroke="#000" stroke-linecap="0 J /JS"/>',
      '<path d="M0 0L9 9" stroke="#000" stroke-dasharray="1) 2"/>',
      '<g id="a"><use href="#a"/></g>',
      `${'<g>'.repeat(80)}<path d="M0 0L9 9"/>${'</g>'.repeat(80)}`,
    ];
    for (const inner of refused) assert.equal(drawingOperators(drawing(inner)), null, inner.slice(0, 60));
  });
});

function drawing(inner: string): DrawingNode {
  const open: { node: DrawingNode; children: DrawingNode[] }[] = [];
  let root: DrawingNode | null = null;
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => {
    const children: DrawingNode[] = [];
    const node = { localName: name, children, getAttribute: (of: string) => attributes[of] ?? null };
    open.at(-1)?.children.push(node);
    open.push({ node, children });
    root ??= node;
  });
  parser.on('closetag', () => open.pop());
  parser.write(`<svg viewBox="0 0 100 60">${inner}</svg>`).close();
  assert.ok(root);
  return root;
}
