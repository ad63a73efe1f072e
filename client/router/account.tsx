import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import type { Account, RouteInput, RouteOutput } from '../../protocol/api.ts';
import { call, NetworkError, useQuery } from '../api.ts';
import { suggestLanguage } from '../i18n/index.ts';
import { forgetPerson, lastPerson, rememberPerson } from './person.ts';

interface AccountContextValue {
  readonly account: Account | null;
  /**
   * `account`, or, while the server cannot be reached, whoever signed in here last: may see what this device keeps for
   * them, and nothing else is theirs until the server has said so.
   */
  readonly person: Account | null;
  readonly setup: boolean;
  readonly demo: RouteOutput<'session.show'>['demo'];
  /** The server has not said yet who this is; `error` once it could not be asked. */
  readonly known: boolean;
  readonly error: unknown;
  readonly again: () => void;
  readonly signIn: (input: RouteInput<'session.create'>) => Promise<void>;
  readonly setUp: (input: RouteInput<'setup.create'>) => Promise<void>;
  /** This browser has signed in by its key. */
  readonly adopt: (account: Account) => void;
  readonly signOut: () => Promise<void>;
  /** The server has ended the session: asks for the password again. */
  readonly forget: () => void;
}

const AccountContext = createContext<AccountContextValue | null>(null);

/** Who uses this page. */
export function useAccount(): AccountContextValue {
  const value = useContext(AccountContext);
  if (!value) throw new Error('useAccount outside of AccountProvider');
  return value;
}

/** A server that has not answered within this is away, as far as what this device keeps is concerned. Milliseconds. */
const PATIENCE_MS = 4_000;

/** A classroom's screen is what it was; a person's name is shown to nobody else, not for a moment. */
const isRoom = ({ account }: RouteOutput<'session.show'>) => account?.role === 'room';

export function AccountProvider({ children }: { children: ReactNode }) {
  const { data, error, again } = useQuery('session.show', { keep: isRoom });
  /** What happened on this page since the server was asked; undefined when nothing. */
  const [since, setSince] = useState<Account | null | undefined>(undefined);
  const account = since === undefined ? (data?.account ?? null) : since;
  const [last] = useState(lastPerson);
  const isSlow = useLate(PATIENCE_MS);
  const isAway = data === null && since === undefined && (isSlow || error instanceof NetworkError);
  const person = account ?? (isAway ? last : null);

  useEffect(() => {
    if (account?.language) void suggestLanguage(account.language);
  }, [account?.language]);

  useEffect(() => {
    if (account) rememberPerson(account);
    else if (data !== null || since === null) forgetPerson();
  }, [account, data, since]);

  const signIn = useCallback(async (input: RouteInput<'session.create'>) => {
    setSince((await call('session.create', { input })).account);
  }, []);
  const setUp = useCallback(async (input: RouteInput<'setup.create'>) => {
    setSince((await call('setup.create', { input })).account);
  }, []);
  const adopt = useCallback(
    (adopted: Account) => {
      setSince(adopted);
      again(); // so that it is kept here for when the server is away
    },
    [again],
  );
  const forget = useCallback(() => setSince(null), []);
  const signOut = useCallback(async () => {
    await call('session.delete');
    setSince(null);
    again();
  }, [again]);

  const value = useMemo<AccountContextValue>(
    () => ({
      account,
      person,
      setup: data?.setup === true && since === undefined,
      demo: data?.demo ?? null,
      known: data !== null,
      error,
      ...{ again, signIn, setUp, adopt, signOut, forget },
    }),
    [account, person, data, since, error, again, signIn, setUp, adopt, signOut, forget],
  );
  return <AccountContext value={value}>{children}</AccountContext>;
}

/** Whether so many milliseconds have passed; none are waited for where the device says that it has no network. */
function useLate(ms: number): boolean {
  const [isLate, setLate] = useState(!navigator.onLine);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return isLate;
}
