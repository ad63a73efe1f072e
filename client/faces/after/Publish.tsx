import { Copy, Link2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Share } from '../../../protocol/api-replays.ts';
import type { Audience, EditedReplay } from '../../../protocol/replay-edit.ts';
import { call, useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { Field } from '../../ui/Field.tsx';
import { useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useDayNames } from '../../ui/time.ts';
import { useSubmit } from '../signin/useSubmit.ts';
import styles from './After.module.css';

const AUDIENCES = ['lead', 'class', 'school', 'library'] as const;
const DAY_MS = 86_400_000;
const DAYS = { d1: 1, d7: 7, d30: 30, d120: 120 } as const;
type Days = keyof typeof DAYS;

interface PublishProps {
  readonly lesson: string;
  readonly edited: EditedReplay;
  readonly again: () => void;
}

/** Who may watch: by publication, beside the next lesson, and by link. */
export function Publish({ lesson, edited, again }: PublishProps) {
  const { t } = useTranslation();
  const tell = useTell();
  // Shown as chosen at once: over a thin link the answer takes its time.
  const [chosen, setChosen] = useState(edited.audience);
  const choose = (audience: Audience) => {
    setChosen(audience);
    call('edit.publish', { params: { lesson }, input: { audience } }).then(again, (error: unknown) => {
      setChosen(edited.audience);
      tell.error(error);
    });
  };
  return (
    <div className={styles.columns}>
      <fieldset className={styles.card}>
        <legend>{t('after.audience')}</legend>
        {AUDIENCES.map((audience) => (
          <label key={audience} className={styles.check}>
            <input
              type="radio"
              name="audience"
              checked={chosen === audience}
              onChange={() => choose(audience)}
            />
            {t(`after.audiences.${audience}`)}
          </label>
        ))}
      </fieldset>
      <NextLesson lesson={lesson} />
      <Shares lesson={lesson} />
    </div>
  );
}

function NextLesson({ lesson }: { lesson: string }) {
  const { t } = useTranslation();
  const tell = useTell();
  const name = useName();
  const { full } = useDayNames();
  const { data, again } = useQuery('edit.attachment', { params: { lesson } });
  const attach = (attached: boolean) => {
    call('edit.attach', { params: { lesson }, input: { attached } }).then(again, (error: unknown) => {
      const none =
        typeof error === 'object' && error !== null && 'code' in error && error.code === 'not_found';
      if (none) tell.info(t('after.nextNone'));
      else tell.error(error);
    });
  };
  return (
    <section className={styles.card}>
      <h2>{t('after.next')}</h2>
      <p className={styles.soft}>{t('after.nextText')}</p>
      {data?.to && <p>{t('after.nextIs', { title: name(data.to.title), day: full(data.to.startsAt) })}</p>}
      {data && (
        <Button onPress={() => attach(data.to === null)}>
          {t(data.to === null ? 'after.nextAdd' : 'after.nextRemove')}
        </Button>
      )}
    </section>
  );
}

function Shares({ lesson }: { lesson: string }) {
  const { t } = useTranslation();
  const { data, again } = useQuery('share.list', { params: { lesson } });
  const [label, setLabel] = useState('');
  const [days, setDays] = useState<Days>('d7');
  const [link, setLink] = useState<string | null>(null);
  const { submit, busy, problem } = useSubmit(async () => {
    const until = Date.now() + DAYS[days] * DAY_MS;
    const { token } = await call('share.make', { params: { lesson }, input: { label, until } });
    // Behind the #: no server and no page that is linked to ever reads it.
    setLink(`${location.origin}/shared#${token}`);
    setLabel('');
    again();
  });
  return (
    <section className={styles.card}>
      <h2>{t('after.shares')}</h2>
      <p className={styles.soft}>{t('after.sharesText')}</p>
      {problem && <Notice tone="error">{problem}</Notice>}
      <div className={styles.row}>
        <Field label={t('after.shareLabel')} value={label} onChange={setLabel} maxLength={60} />
        <Choice
          label={t('after.shareFor')}
          value={days}
          options={daysShown().map((id) => ({ id, text: t(`after.shareDays.${id}`) }))}
          onChange={(id) => setDays(daysShown().find((one) => one === id) ?? 'd7')}
        />
        <Button icon={Link2} isPending={busy} onPress={() => void submit()}>
          {t('after.shareMake')}
        </Button>
      </div>
      {link !== null && <NewLink link={link} />}
      {data?.shares.length === 0 && <p className={styles.soft}>{t('after.shareNone')}</p>}
      <ul className={styles.list}>
        {data?.shares.map((share) => (
          <ShareRow key={share.id} lesson={lesson} share={share} again={again} />
        ))}
      </ul>
    </section>
  );
}

function daysShown(): readonly Days[] {
  return ['d1', 'd7', 'd30', 'd120'];
}

function NewLink({ link }: { link: string }) {
  const { t } = useTranslation();
  const tell = useTell();
  const copy = () => {
    navigator.clipboard.writeText(link).then(() => tell.info(t('after.shareCopied')), tell.error);
  };
  return (
    <Notice
      tone="good"
      action={
        navigator.clipboard && (
          <Button icon={Copy} onPress={copy}>
            {t('after.shareCopy')}
          </Button>
        )
      }
    >
      {t('after.shareMade')} <code className={styles.link}>{link}</code>
    </Notice>
  );
}

function ShareRow({ lesson, share, again }: { lesson: string; share: Share; again: () => void }) {
  const { t } = useTranslation();
  const tell = useTell();
  const { day } = useDayNames();
  const isOver = share.until <= Date.now();
  const state = share.revoked
    ? t('after.shareRevoked')
    : isOver
      ? t('after.shareEnded')
      : t('after.shareUntil', { day: day(share.until) });
  const revoke = () => {
    call('share.revoke', { params: { lesson, share: share.id } }).then(again, tell.error);
  };
  return (
    <li>
      <span>
        <strong>{share.label || t('after.shareUnnamed')}</strong>
        <small>
          {state} · {t('after.shareOpened', { count: share.opened })}
        </small>
      </span>
      {!share.revoked && !isOver && <Button onPress={revoke}>{t('after.shareRevoke')}</Button>}
    </li>
  );
}
