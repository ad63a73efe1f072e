import { useTranslation } from 'react-i18next';
import type { Ceiling, Hours } from '../../../protocol/ceilings.ts';
import { Choice } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { clock, minuteOf } from './minutes.ts';

const NONE = 'none';
/** From the thinnest link on which a lesson can be taught to what a good picture of everyone takes, kbit/s. */
const STEPS = [24, 32, 64, 96, 128, 192, 256, 384, 512, 1000, 2000];
/** A school day: what is proposed where somebody begins to limit it. */
const SCHOOL_DAY: Hours = { from: 8 * 60, until: 18 * 60 };

interface CeilingFieldsProps {
  readonly value: Ceiling | null;
  readonly onChange: (ceiling: Ceiling | null) => void;
}

/** How much a line may be asked to carry, and when. */
export function CeilingFields({ value, onChange }: CeilingFieldsProps) {
  const { t } = useTranslation();
  const hours = value?.hours ?? null;
  const steps = [...new Set([...STEPS, ...(value ? [value.kbps] : [])])].sort((a, b) => a - b);
  const options = [
    { id: NONE, text: t('links.none') },
    ...steps.map((n) => ({ id: String(n), text: t('links.kbps', { n }) })),
  ];
  const setEnd = (end: keyof Hours) => (text: string) => {
    const minute = minuteOf(text);
    if (value && hours && minute !== null) onChange({ ...value, hours: { ...hours, [end]: minute } });
  };
  return (
    <>
      <Choice
        label={t('links.ceiling')}
        value={value ? String(value.kbps) : NONE}
        options={options}
        onChange={(id) => onChange(id === NONE ? null : { kbps: Number(id), hours })}
      />
      {value && (
        <Choice
          label={t('links.hours')}
          value={hours ? 'between' : 'always'}
          options={[
            { id: 'always', text: t('links.always') },
            { id: 'between', text: t('links.between') },
          ]}
          onChange={(id) => onChange({ ...value, hours: id === 'between' ? SCHOOL_DAY : null })}
        />
      )}
      {hours && (
        <>
          <Field
            label={t('links.from')}
            type="time"
            value={clock(hours.from)}
            onChange={setEnd('from')}
            isRequired
          />
          <Field
            label={t('links.until')}
            type="time"
            value={clock(hours.until)}
            onChange={setEnd('until')}
            isRequired
          />
        </>
      )}
    </>
  );
}
