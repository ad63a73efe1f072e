import { CloudOff, Compass, HardDrive } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router';
import SignIn from '../faces/signin/SignIn.tsx';
import { Button } from '../ui/Button.tsx';
import { LinkButton } from '../ui/LinkButton.tsx';
import { Message, Opening } from '../ui/Message.tsx';
import { useErrorText } from '../ui/useErrorText.ts';
import { useAccount } from './account.tsx';
import { FaceBoundary } from './FaceBoundary.tsx';

/** A chunk each: nobody loads a face they do not open. Signing in comes with the application: it is the first there is. */
const Today = lazy(() => import('../faces/today/Today.tsx'));
const Teach = lazy(() => import('../faces/teach/Teach.tsx'));
const Prepare = lazy(() => import('../faces/prepare/Prepare.tsx'));
const Room = lazy(() => import('../faces/room/Room.tsx'));
const Rooms = lazy(() => import('../faces/devices/Rooms.tsx'));
const RoomPage = lazy(() => import('../faces/devices/RoomPage.tsx'));
const Alerts = lazy(() => import('../faces/devices/Alerts.tsx'));
const Limits = lazy(() => import('../faces/devices/Limits.tsx'));
const Storage = lazy(() => import('../faces/devices/Storage.tsx'));
const Updates = lazy(() => import('../faces/devices/Updates.tsx'));
const Tokens = lazy(() => import('../faces/account/Tokens.tsx'));
const Pair = lazy(() => import('../faces/devices/Pair.tsx'));
const Pairing = lazy(() => import('../faces/room/Pairing.tsx'));
const Seat = lazy(() => import('../faces/seat/Seat.tsx'));
const After = lazy(() => import('../faces/after/After.tsx'));
const Library = lazy(() => import('../faces/library/Library.tsx'));
const Courier = lazy(() => import('../faces/library/Courier.tsx'));
const Shared = lazy(() => import('../faces/shared/Shared.tsx'));
const Watch = lazy(() => import('../replay/WatchFace.tsx'));
const Original = lazy(async () => ({ default: (await import('../replay/WatchFace.tsx')).OriginalFace }));
const Kept = lazy(() => import('../replay/kept/KeptFace.tsx'));

export function Router() {
  return (
    <BrowserRouter>
      <FaceBoundary>
        <Suspense fallback={<Loading />}>
          <Routes>
            <Route path="/signin" element={<SignInFirst />} />
            <Route path="/" element={<Home />} />
            <Route path="/teach/:lesson" element={<SignedIn alsoAway>{<Teach />}</SignedIn>} />
            <Route path="/prepare/:lesson" element={<SignedIn alsoAway>{<Prepare />}</SignedIn>} />
            <Route path="/room" element={<RoomFirst />} />
            <Route path="/devices" element={<SignedIn>{<Rooms />}</SignedIn>} />
            <Route path="/devices/pair" element={<SignedIn>{<Pair />}</SignedIn>} />
            <Route path="/devices/alerts" element={<SignedIn>{<Alerts />}</SignedIn>} />
            <Route path="/devices/limits" element={<SignedIn>{<Limits />}</SignedIn>} />
            <Route path="/devices/storage" element={<SignedIn>{<Storage />}</SignedIn>} />
            <Route path="/devices/updates" element={<SignedIn>{<Updates />}</SignedIn>} />
            <Route path="/tokens" element={<SignedIn>{<Tokens />}</SignedIn>} />
            <Route path="/devices/:room" element={<SignedIn>{<RoomPage />}</SignedIn>} />
            <Route path="/seat/:lesson" element={<SignedIn alsoAway>{<Seat />}</SignedIn>} />
            <Route path="/watch/:lesson" element={<SignedIn alsoAway>{<Watch />}</SignedIn>} />
            <Route path="/original/:lesson" element={<SignedIn>{<Original />}</SignedIn>} />
            <Route path="/kept" element={<SignedIn alsoAway>{<Kept />}</SignedIn>} />
            <Route path="/after/:lesson" element={<SignedIn>{<After />}</SignedIn>} />
            <Route path="/library" element={<SignedIn>{<Library />}</SignedIn>} />
            <Route path="/courier" element={<SignedIn>{<Courier />}</SignedIn>} />
            <Route path="/shared" element={<Shared />} />
            <Route path="/shared/:lesson" element={<Watch />} />
            <Route path="*" element={<Nowhere />} />
          </Routes>
        </Suspense>
      </FaceBoundary>
    </BrowserRouter>
  );
}

function Loading() {
  const { t } = useTranslation();
  return <Opening text={t('state.loading')} />;
}

/** Where those go first who have no lessons to choose from: a classroom's screen, and whoever looks after them. */
const HOMES: Readonly<Record<string, string>> = { room: '/room', technician: '/devices' };

function Home() {
  return (
    <SignedIn>
      {(role) => (HOMES[role] === undefined ? <Today /> : <Navigate to={HOMES[role]} replace />)}
    </SignedIn>
  );
}

interface SignedInProps {
  /** Also while the server cannot be reached: the page has something to show without it. */
  readonly alsoAway?: boolean;
  readonly children: ReactNode | ((role: string) => ReactNode);
}

function SignedIn({ alsoAway = false, children }: SignedInProps) {
  const { account, person, known, error } = useAccount();
  const location = useLocation();
  if (!account && person && alsoAway && typeof children !== 'function') return children;
  if (!known && !account) return error ? <Unreachable /> : <Loading />;
  if (!account)
    return <Navigate to="/signin" replace state={{ from: location.pathname + location.search }} />;
  return typeof children === 'function' ? children(account.role) : children;
}

/** A classroom's screen signs in by its key, and shows a code until it has one that is known. */
function RoomFirst() {
  const { account, known, error } = useAccount();
  if (!known && !account) return error ? <Unreachable /> : <Loading />;
  return account ? <Room /> : <Pairing />;
}

/** Whoever is signed in goes where they wanted to. */
function SignInFirst() {
  const { account, known, error } = useAccount();
  const state: unknown = useLocation().state;
  if (account) return <Navigate to={wanted(state)} replace />;
  if (!known) return error ? <Unreachable /> : <Loading />;
  return <SignIn />;
}

function wanted(state: unknown): string {
  const from = typeof state === 'object' && state !== null && 'from' in state ? state.from : undefined;
  return typeof from === 'string' ? from : '/';
}

/** A screen with nobody in front of it tries again by itself. Milliseconds. */
const AGAIN_MS = 10_000;

function Unreachable() {
  const { t } = useTranslation();
  const { error, person, again } = useAccount();
  useEffect(() => {
    const timer = setInterval(again, AGAIN_MS);
    return () => clearInterval(timer);
  }, [again]);
  const text = useErrorText()(error);
  return (
    <main>
      <Message icon={CloudOff} title={t('app.name')} text={text}>
        <Button look="primary" onPress={again}>
          {t('action.retry')}
        </Button>
        {person && (
          <LinkButton to="/kept" icon={HardDrive}>
            {t('kept.title')}
          </LinkButton>
        )}
      </Message>
    </main>
  );
}

function Nowhere() {
  const { t } = useTranslation();
  return (
    <main>
      <Message icon={Compass} title={t('app.name')} text={t('error.page_missing')}>
        <LinkButton to="/" look="primary">
          {t('action.today')}
        </LinkButton>
      </Message>
    </main>
  );
}
