import { CircleSlash, CloudOff, HardDrive, LogIn, RefreshCw } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { LessonState } from '../../../protocol/lesson.ts';
import { LessonFiles } from '../../board/lesson-files.ts';
import { useLesson, useLessonView } from '../../lesson/hooks.ts';
import type { LessonSession, LessonView } from '../../lesson/types.ts';
import { openNewest } from '../../offline.ts';
import { useLinkTaken } from '../../packs/live-lock.ts';
import { useAccount } from '../../router/account.tsx';
import { Button } from '../../ui/Button.tsx';
import { LinkButton } from '../../ui/LinkButton.tsx';
import { Message, Opening } from '../../ui/Message.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import { duration } from '../../ui/time.ts';
import { useErrorText } from '../../ui/useErrorText.ts';
import { Voices } from './Voices.tsx';

/** A lesson one is in. */
export interface Live {
  readonly session: LessonSession;
  readonly view: LessonView;
  readonly state: LessonState;
  readonly you: NonNullable<LessonView['you']>;
}

interface LessonProps {
  readonly lesson: string;
  readonly children: (live: Live) => ReactNode;
  /** Instead of the page that says why one is not let in. */
  readonly refused?: (code: string) => ReactNode;
}

/** Joins the lesson for as long as it is shown, and lets its voices be heard. */
export function Lesson({ lesson, ...rest }: LessonProps) {
  const { t } = useTranslation();
  const { person } = useAccount();
  const session = useLesson(lesson, person?.id ?? null);
  if (!session) return <Opening text={t('state.connecting')} />;
  return (
    <LessonFiles value={lesson}>
      <Joined session={session} {...rest} />
    </LessonFiles>
  );
}

function Joined({ session, children, refused }: Omit<LessonProps, 'lesson'> & { session: LessonSession }) {
  const { t } = useTranslation();
  const view = useLessonView(session);
  useLinkTaken(view.state?.phase === 'live');
  const { account, forget } = useAccount();
  const tell = useTell();
  useEffect(() => session.onRefusal(tell.error), [session, tell]);
  useEffect(
    () => session.onLeftOut((ms) => tell.info(t('behind.leftOut', { time: duration(ms) }))),
    [session, tell, t],
  );

  if (view.connection === 'outdated') {
    return (
      <NotIn icon={RefreshCw} error={view.error}>
        <Button look="primary" onPress={() => void openNewest()}>
          {t('action.reload')}
        </Button>
      </NotIn>
    );
  }
  if (view.connection === 'signed_out') {
    return (
      <NotIn icon={LogIn} error={view.error}>
        <Button look="primary" onPress={forget}>
          {t('action.signIn')}
        </Button>
      </NotIn>
    );
  }
  if (view.connection === 'refused') {
    const code = view.error?.code ?? 'forbidden';
    return (
      refused?.(code) ?? (
        <NotIn icon={CircleSlash} error={view.error}>
          <LinkButton to="/" look="primary">
            {t('action.today')}
          </LinkButton>
        </NotIn>
      )
    );
  }
  if (!view.state || !view.you) return account ? <Opening text={t('state.connecting')} /> : <Away />;
  return (
    <>
      <Voices session={session} streams={view.state.streams} />
      {children({ session, view, state: view.state, you: view.you })}
    </>
  );
}

/** Without a link, and this device has never seen the lesson: it comes by itself once there is one. */
function Away() {
  const { t } = useTranslation();
  return (
    <main>
      <Message icon={CloudOff} title={t('app.name')} text={t('lesson.coming')}>
        <LinkButton to="/kept" icon={HardDrive}>
          {t('kept.title')}
        </LinkButton>
      </Message>
    </main>
  );
}

function NotIn({ icon, error, children }: { icon: typeof LogIn; error: unknown; children: ReactNode }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  return (
    <main>
      <Message icon={icon} title={t('app.name')} text={errorText(error)}>
        {children}
      </Message>
    </main>
  );
}
