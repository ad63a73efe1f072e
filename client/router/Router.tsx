import { CloudOff, Compass } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router';
import { Button } from '../ui/Button.tsx';
import { LinkButton } from '../ui/LinkButton.tsx';
import { Message, Opening } from '../ui/Message.tsx';
import { useErrorText } from '../ui/useErrorText.ts';
import { useAccount } from './account.tsx';
import { FaceBoundary } from './FaceBoundary.tsx';

/** A chunk each: nobody loads a face they do not open. */
const SignIn = lazy(() => import('../faces/signin/SignIn.tsx'));
const Today = lazy(() => import('../faces/today/Today.tsx'));
const Teach = lazy(() => import('../faces/teach/Teach.tsx'));
const Room = lazy(() => import('../faces/room/Room.tsx'));
const Seat = lazy(() => import('../faces/seat/Seat.tsx'));
const Watch = lazy(() => import('../replay/WatchFace.tsx'));

export function Router() {
  return (
    <BrowserRouter>
      <FaceBoundary>
        <Suspense fallback={<Loading />}>
          <Routes>
            <Route path="/signin" element={<SignInFirst />} />
            <Route path="/" element={<Home />} />
            <Route path="/teach/:lesson" element={<SignedIn>{<Teach />}</SignedIn>} />
            <Route path="/room" element={<SignedIn>{<Room />}</SignedIn>} />
            <Route path="/seat/:lesson" element={<SignedIn>{<Seat />}</SignedIn>} />
            <Route path="/watch/:lesson" element={<SignedIn>{<Watch />}</SignedIn>} />
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

/** A classroom's own device has nothing to choose: its home is its screen. */
function Home() {
  return <SignedIn>{(role) => (role === 'room' ? <Navigate to="/room" replace /> : <Today />)}</SignedIn>;
}

function SignedIn({ children }: { children: ReactNode | ((role: string) => ReactNode) }) {
  const { account, known, error } = useAccount();
  const location = useLocation();
  if (!known && !account) return error ? <Unreachable /> : <Loading />;
  if (!account) return <Navigate to="/signin" replace state={{ from: location.pathname }} />;
  return typeof children === 'function' ? children(account.role) : children;
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

function Unreachable() {
  const { t } = useTranslation();
  const { error, again } = useAccount();
  const text = useErrorText()(error);
  return (
    <main>
      <Message icon={CloudOff} title={t('app.name')} text={text}>
        <Button look="primary" onPress={again}>
          {t('action.retry')}
        </Button>
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
