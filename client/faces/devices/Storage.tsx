import { ArrowLeft } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RouteOutput } from '../../../protocol/api.ts';
import { GIGABYTE, NEARLY_FULL } from '../../../protocol/storage-rules.ts';
import { call, useQuery } from '../../api.ts';
import { sizeText } from '../../replay/format.ts';
import { useAccount } from '../../router/account.tsx';
import { Button } from '../../ui/Button.tsx';
import { Opening } from '../../ui/Message.tsx';
import { Name, useName } from '../../ui/Name.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { useDayNames } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Header } from '../shell/Header.tsx';
import { DiskLow, SpaceUsed } from './DiskWarning.tsx';
import page from './RoomPage.module.css';
import styles from './Storage.module.css';
import { StorageRulesForm } from './StorageRulesForm.tsx';

/** Beyond so many minutes one counts in hours. */
const HOURS_FROM = 120;
/** How often what is being made once more, and all else, is asked for again, ms. */
const REFRESH = 60_000;
const KINDS = ['voice', 'picture', 'tracks', 'courseware'] as const;

type Answer = RouteOutput<'storage.show'>;

/** /devices/storage: what each school's recordings take, and how much longer lessons can be recorded. */
export default function Storage() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, again } = useQuery('storage.show', { every: REFRESH });
  return (
    <>
      <Header />
      <main className={page.main}>
        <Link to="/devices" className={page.back}>
          <ArrowLeft aria-hidden size={20} /> {t('rooms.back')}
        </Link>
        <header className={page.head}>
          <h1>{t('storage.space')}</h1>
          <p>{t('storage.spaceHint')}</p>
        </header>
        {error !== null && (
          <Notice tone="warning" action={<Button onPress={again}>{t('action.retry')}</Button>}>
            {errorText(error)}
          </Notice>
        )}
        {!data && error === null && <Opening text={t('state.loading')} />}
        {data?.disk.low && <DiskLow disk={data.disk} />}
        {data?.disk.away && <Notice tone="error">{t('storage.away')}</Notice>}
        {data && <Disk disk={data.disk} />}
        {data?.schools.map((school) => (
          <School key={school.id} school={school} onChange={again} />
        ))}
      </main>
    </>
  );
}

function Disk({ disk: { minutes, freeBytes } }: { disk: Answer['disk'] }) {
  const { t } = useTranslation();
  const size = sizeText(freeBytes);
  return (
    <section className={page.card}>
      <h2>{t('storage.disk')}</h2>
      <p>
        {minutes >= HOURS_FROM
          ? t('storage.hours', { n: Math.floor(minutes / 60), size })
          : t('storage.minutes', { n: Math.floor(minutes), size })}
      </p>
    </section>
  );
}

interface SchoolProps {
  readonly school: Answer['schools'][number];
  readonly onChange: () => void;
}

function School({ school, onChange }: SchoolProps) {
  const { t } = useTranslation();
  const { account } = useAccount();
  const total = KINDS.reduce((sum, kind) => sum + school[kind], 0);
  const share = shareUsed(school);
  return (
    <section className={page.card} aria-labelledby={school.id}>
      <h2 id={school.id}>
        <Name of={school.name} />
      </h2>
      {share !== null && share >= NEARLY_FULL && <SpaceUsed name={school.name} share={share} />}
      {total === 0 ? (
        <p className={page.facts}>{t('storage.nothing')}</p>
      ) : (
        <>
          <p>{t('storage.lessons', { n: school.lessons, size: sizeText(total) })}</p>
          <dl className={styles.sizes}>
            {KINDS.map((kind) => (
              <div key={kind}>
                <dt>{t(`storage.${kind}`)}</dt>
                <dd>{sizeText(school[kind])}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <Troubles
        kind="damaged"
        replays={school.damaged.filter((told) => !isUnmade(told))}
        onChange={onChange}
      />
      <Troubles kind="unmade" replays={school.damaged.filter(isUnmade)} onChange={onChange} />
      {share !== null && <Quota share={share} gigabytes={school.rules.quotaGb ?? 0} />}
      {account?.role === 'administrator' && (
        <details className={page.part}>
          <summary>{t('storage.rules')}</summary>
          <StorageRulesForm school={school.id} rules={school.rules} onSaved={onChange} />
        </details>
      )}
    </section>
  );
}

type Told = SchoolProps['school']['damaged'][number];

const LOST = {
  voice: 'storage.damagedVoice',
  aac: 'storage.damagedVoice',
  picture: 'storage.damagedPicture',
  tracks: 'storage.damagedTracks',
} as const;
const UNMADE = {
  voice: 'storage.unmadeVoice',
  aac: 'storage.unmadeAac',
  picture: 'storage.unmadePicture',
  tracks: 'storage.unmadeVoice',
} as const;
const TONE = { lost: 'error', mended: 'good', failed: 'warning', trying: 'info' } as const;

function isUnmade({ outcome }: Told): boolean {
  return outcome === 'failed' || outcome === 'trying';
}

function textOf({ what, outcome }: Told) {
  if (outcome === 'failed') return UNMADE[what];
  if (outcome === 'trying') return 'storage.unmadeTrying';
  return outcome === 'lost' ? LOST[what] : 'storage.damagedMended';
}

interface TroublesProps extends Pick<SchoolProps, 'onChange'> {
  readonly kind: 'damaged' | 'unmade';
  readonly replays: readonly Told[];
}

/** What was found when recordings were read over, or could not be made of them, and what to do about it. */
function Troubles({ kind, replays, onChange }: TroublesProps) {
  const { t } = useTranslation();
  if (replays.length === 0) return null;
  return (
    <section className={styles.damaged}>
      <h3>{t(`storage.${kind}`)}</h3>
      <p>{t(`storage.${kind}Advice`)}</p>
      {replays.map((told) => (
        <Trouble key={`${told.lesson} ${told.what}`} told={told} onChange={onChange} />
      ))}
    </section>
  );
}

function Trouble({ told, onChange }: { told: Told } & Pick<SchoolProps, 'onChange'>) {
  const { t } = useTranslation();
  const name = useName();
  const { full } = useDayNames();
  const tell = useTell();
  const [busy, setBusy] = useState(false);
  const [gone, setGone] = useState(false);
  const again = async () => {
    setBusy(true);
    try {
      const { trying } = await call('replay.again', { params: { lesson: told.lesson } });
      setGone(!trying);
      onChange();
    } catch (error) {
      tell.error(error);
    }
    setBusy(false);
  };
  const action = told.outcome === 'failed' && !gone && (
    <Button onPress={again} isDisabled={busy}>
      {t('action.retry')}
    </Button>
  );
  return (
    <Notice tone={TONE[told.outcome]} action={action}>
      {t(gone ? 'storage.unmadeGone' : textOf(told), { title: name(told.title), when: full(told.startsAt) })}
    </Notice>
  );
}

function Quota({ share, gigabytes }: { share: number; gigabytes: number }) {
  const { t } = useTranslation();
  const text = t('storage.used', { n: Math.floor(share * 100), size: sizeText(gigabytes * GIGABYTE) });
  return (
    <label className={styles.quota}>
      {text}
      <progress max={1} value={Math.min(1, share)} />
    </label>
  );
}

/** Courseware has a space of its own. Null: nothing is set. */
function shareUsed({ voice, picture, tracks, rules: { quotaGb } }: Answer['schools'][number]): number | null {
  return quotaGb === null ? null : (voice + picture + tracks) / (quotaGb * GIGABYTE);
}
