import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import type { Account, RouteInput, RouteOutput } from '../../protocol/api.ts';
import { call, useQuery } from '../api.ts';
import { suggestLanguage } from '../i18n/index.ts';

interface AccountContextValue {
  readonly account: Account | null;
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

/** A classroom's screen is what it was; a person's name is shown to nobody else, not for a moment. */
const isRoom = ({ account }: RouteOutput<'session.show'>) => account?.role === 'room';

export function AccountProvider({ children }: { children: ReactNode }) {
  const { data, error, again } = useQuery('session.show', { keep: isRoom });
  /** What happened on this page since the server was asked; undefined when nothing. */
  const [since, setSince] = useState<Account | null | undefined>(undefined);
  const account = since === undefined ? (data?.account ?? null) : since;

  useEffect(() => {
    if (account?.language) void suggestLanguage(account.language);
  }, [account?.language]);

  const signIn = useCallback(async (input: RouteInput<'session.create'>) => {
    setSince((await call('session.create', { input })).account);
  }, []);
  const setUp = useCallback(async (input: RouteInput<'setup.create'>) => {
    setSince((await call('setup.create', { input })).account);
  }, []);
  const adopt = useCallback((adopted: Account) => setSince(adopted), []);
  const forget = useCallback(() => setSince(null), []);
  const signOut = useCallback(async () => {
    await call('session.delete');
    setSince(null);
    again();
  }, [again]);

  const value = useMemo<AccountContextValue>(
    () => ({
      account,
      setup: data?.setup === true && since === undefined,
      demo: data?.demo ?? null,
      known: data !== null,
      error,
      ...{ again, signIn, setUp, adopt, signOut, forget },
    }),
    [account, data, since, error, again, signIn, setUp, adopt, signOut, forget],
  );
  return <AccountContext value={value}>{children}</AccountContext>;
}
