import assert from 'node:assert/strict';
import { parseVtt, writeVtt } from '../../server/replays/webvtt.ts';

const file = (...blocks: string[]): string => ['WEBVTT', ...blocks].join('\n\n');

describe('WebVTT', () => {
  it('is read with everything that a good file may hold', () => {
    const text =
      '\ufeffWEBVTT 字幕\r\nKind: captions\r\n\r\nNOTE by hand\r\n--\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n' +
      '1\r\n00:01.000 --> 00:02.500 align:start line:0\r\n<v 卓玛>今天我们<b>认识</b>分数。\r\n第二行 &amp; 更多\r\n\r\n' +
      '01:00:00.000 --> 01:00:01.000\r\nབཀྲ་ཤིས་བདེ་ལེགས།';
    assert.deepEqual(parseVtt(text), [
      { from: 1000, to: 2500, text: '今天我们认识分数。\n第二行 & 更多' },
      { from: 3_600_000, to: 3_601_000, text: 'བཀྲ་ཤིས་བདེ་ལེགས།' },
    ]);
  });

  it('is written as plain text, whatever was sent', () => {
    const hostile = [
      '<script>alert(1)</script>甲',
      '<img src=x onerror=alert(1)',
      '&lt;script&gt;乙&lt;/script&gt;',
      '丙\u202e\u0007 --&gt; 00:09.000',
      '<00:00.500><c.x>丁</c>',
    ];
    const cues = parseVtt(file(...hostile.map((text, i) => `00:0${i}.000 --> 00:0${i + 1}.000\n${text}`)));
    assert.deepEqual(
      cues.map(({ text }) => text),
      ['alert(1)甲', '<script>乙</script>', '丙 --> 00:09.000', '丁'],
    );
    const written = writeVtt(cues, 0);
    assert.doesNotMatch(written, /<script|<img|\u202e/);
    assert.deepEqual(parseVtt(written), cues);
  });

  it('is written on the replay’s clock', () => {
    assert.equal(
      writeVtt([{ from: 61_500, to: 62_000, text: '一' }], 1500),
      'WEBVTT\n\n00:01:00.000 --> 00:01:00.500\n一\n',
    );
  });

  it('is refused where it is none, with the line', () => {
    for (const [text, line] of [
      ['1\n00:01.000 --> 00:02.000\nx', 1],
      ['WEBVTTX', 1],
      ['WEBVTT', 1],
      [file('hello'), 3],
      [file('00:01,000 --> 00:02,000\nx'), 3],
      [file('id\n00:02.000 --> 00:01.000\nx'), 4],
      [file('00:61.000 --> 00:62.000\nx'), 3],
      [file('99:00:00.000 --> 99:00:01.000\nx'), 3],
      [file(`00:01.000 --> 00:02.000\n${'长'.repeat(1001)}`), 3],
    ] as const) {
      assert.throws(() => parseVtt(text), new RegExp(`captions_unreadable|Line ${line}`), text.slice(0, 40));
      assert.throws(() => parseVtt(text), {
        code: 'captions_unreadable',
        message: new RegExp(`^Line ${line}: `),
      });
    }
  });

  it('takes no long time over a file made to take one', () => {
    const began = performance.now();
    assert.throws(() => parseVtt(file('0'.repeat(400_000))), /Line 3/);
    assert.throws(() => parseVtt(file(`00:01.000 --> ${' '.repeat(400_000)}x\ntext`)), /Line 3/);
    parseVtt(file(`00:01.000 --> 00:02.000\n${'<'.repeat(300_000)}x>gut`));
    assert.ok(performance.now() - began < 2000);
  });
});
