import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BoardPage } from '../../../protocol/board.ts';
import {
  type GraphContent,
  type NumberLineContent,
  PAGE_HEIGHT,
  PAGE_WIDTH,
} from '../../../protocol/board-events.ts';
import { ExpressionError, parseExpression } from '../../board/expression.ts';
import { newMarkId } from '../../board/ink-sender.ts';
import { PageThumbnail } from '../../board/PageThumbnail.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { Notice } from '../../ui/Notice.tsx';
import type { Live } from '../live/Lesson.tsx';
import styles from './PlotDialog.module.css';
import { PALETTES } from './pens.ts';

export type PlotKind = 'graph' | 'numberline';

type PlotContent = GraphContent | NumberLineContent;

/** One that lies on the page and is to be changed. */
export interface Plotted {
  readonly id: string;
  readonly content: PlotContent;
}

interface PlotDialogProps {
  readonly live: Live;
  readonly kind: PlotKind | null;
  readonly plotted?: Plotted | null;
  readonly onClose: () => void;
}

/** A function graph or a number line, seen before it is put on the page; or one that is there, to be changed. */
export function PlotDialog({ live, kind, plotted = null, onClose }: PlotDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog isOpen={kind !== null} onClose={onClose} title={t(`plot.${kind ?? 'graph'}`)}>
      {kind === 'graph' && <GraphForm live={live} plotted={plotted} onDone={onClose} />}
      {kind === 'numberline' && <NumberLineForm live={live} plotted={plotted} onDone={onClose} />}
    </Dialog>
  );
}

interface FormProps {
  readonly live: Live;
  readonly plotted: Plotted | null;
  readonly onDone: () => void;
}

const INK = '#14212b';
/** Each function in an ink of its own, those best told apart first. */
const CURVES = PALETTES.pen.colours.map(({ value }) => value).filter((value) => value !== INK);
const MOST_FUNCTIONS = 6;

function GraphForm({ live, plotted, onDone }: FormProps) {
  const { t } = useTranslation();
  const before = plotted?.content.kind === 'graph' ? plotted.content : null;
  const [text, setText] = useState(before?.functions.map((one) => one.text).join('\n') ?? 'x^2 / 2');
  const [ends, setEnds] = useState(() => {
    const [[left, right], [low, high]] = [before?.x ?? [-10, 10], before?.y ?? [-5, 5]];
    return { left: String(left), right: String(right), low: String(low), high: String(high) };
  });
  const formulas = text.split(/[\n;]/).flatMap((one) => one.trim() || []);
  const wrong = formulas.find((one) => !isUnderstood(one));
  const [x, y] = [spanOf(ends.left, ends.right), spanOf(ends.low, ends.high)];
  const problem =
    wrong !== undefined
      ? t('plot.notUnderstood', { text: wrong })
      : formulas.length > MOST_FUNCTIONS
        ? t('plot.tooMany')
        : x && y
          ? null
          : t('plot.wrongSpan');
  const graph = x && y && problem === null ? graphOf(formulas, x, y) : null;
  const content = graph && before ? { ...graph, ...placeOf(before) } : graph;
  const end = (key: keyof typeof ends) => ({
    label: t(`plot.${key}`),
    value: ends[key],
    inputMode: 'text' as const,
    onChange: (value: string) => setEnds({ ...ends, [key]: value }),
  });
  return (
    <PlotForm live={live} plotted={plotted} content={content} problem={problem} onDone={onDone}>
      <label className={styles.label}>
        {t('plot.functions')}
        <textarea
          className={styles.functions}
          rows={3}
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <p className={styles.hint}>{t('plot.hint')}</p>
      <div className={styles.ends}>
        <Field {...end('left')} />
        <Field {...end('right')} />
        <Field {...end('low')} />
        <Field {...end('high')} />
      </div>
    </PlotForm>
  );
}

/** What is changed stays where it is, as large and in the colours that it had. */
const placeOf = ({ at, width, height, colour }: GraphContent) => ({ at, width, height, colour });

function graphOf(formulas: readonly string[], x: [number, number], y: [number, number]): GraphContent {
  const [width, height] = [1_200, 800];
  const at: [number, number] = [(PAGE_WIDTH - width) / 2, (PAGE_HEIGHT - height) / 2];
  const functions = formulas.map((text, i) => ({
    text: text.replace(/^\s*y\s*=\s*/i, ''),
    colour: CURVES[i % CURVES.length] ?? INK,
  }));
  return { kind: 'graph', at, width, height, x, y, functions, colour: INK };
}

function NumberLineForm({ live, plotted, onDone }: FormProps) {
  const { t } = useTranslation();
  const before = plotted?.content.kind === 'numberline' ? plotted.content : null;
  const [values, setValues] = useState(() => {
    const { from, to, parts } = before ?? { from: 0, to: 10, parts: 1 };
    return { from: String(from), to: String(to), parts: String(parts) };
  });
  const [from, to, parts] = [values.from, values.to, values.parts].map(numberOf);
  const line = numberLineOf(from ?? Number.NaN, to ?? Number.NaN, parts ?? Number.NaN);
  const content =
    line && before ? { ...line, at: before.at, width: before.width, colour: before.colour } : line;
  const field = (key: keyof typeof values) => ({
    label: t(`plot.${key}`),
    value: values[key],
    onChange: (value: string) => setValues({ ...values, [key]: value }),
  });
  return (
    <PlotForm
      live={live}
      plotted={plotted}
      content={content}
      problem={content ? null : t('plot.wrongLine')}
      onDone={onDone}
    >
      <div className={styles.ends}>
        <Field {...field('from')} />
        <Field {...field('to')} />
        <Field {...field('parts')} />
      </div>
    </PlotForm>
  );
}

/** Null where the board would not take it: see `NumberLineContent`. */
function numberLineOf(from: number, to: number, parts: number): NumberLineContent | null {
  const whole = [from, to, parts].every(Number.isInteger);
  const fits = whole && to > from && parts >= 1 && parts <= 10 && (to - from) * parts <= 200;
  if (!fits || Math.abs(from) > 1e6 || Math.abs(to) > 1e6) return null;
  const at: [number, number] = [160, PAGE_HEIGHT / 2];
  return { kind: 'numberline', at, width: PAGE_WIDTH - 320, from, to, parts, colour: INK };
}

interface PlotFormProps extends FormProps {
  readonly content: PlotContent | null;
  readonly problem: string | null;
  readonly children: React.ReactNode;
}

function PlotForm({ live, plotted, content, problem, onDone, children }: PlotFormProps) {
  const { t } = useTranslation();
  const seen = useMemo(() => content && pageWith(content), [content]);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!content) return;
        const page = live.state.board.current;
        if (plotted) live.session.perform('item.change', { page, item: plotted.id, content });
        else live.session.perform('item.add', { page, item: newMarkId(), content });
        onDone();
      }}
    >
      {children}
      {problem !== null && <Notice tone="warning">{problem}</Notice>}
      {seen && <PageThumbnail page={seen} className={styles.preview} />}
      <Button type="submit" look="primary" isDisabled={!content}>
        {t(plotted ? 'board.selection.change' : 'plot.insert')}
      </Button>
    </form>
  );
}

function pageWith(content: PlotContent): BoardPage {
  const item = { id: 'plot', by: '', t: 0, hidden: false, content };
  return { id: 'plot', kind: 'blank', strokes: {}, items: { plot: item } };
}

function isUnderstood(text: string): boolean {
  try {
    parseExpression(text);
    return true;
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

function spanOf(from: string, to: string): [number, number] | null {
  const [a, b] = [numberOf(from), numberOf(to)];
  const fits = Math.abs(a) <= 1e6 && Math.abs(b) <= 1e6 && b - a >= 1e-3;
  return fits ? [a, b] : null;
}

/** Also with the minus of typographers and a comma, as they are written here and there. */
function numberOf(text: string): number {
  const plain = text.trim().replace('−', '-').replace(',', '.');
  return plain === '' ? Number.NaN : Number(plain);
}
