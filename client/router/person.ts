import type { Account } from '../../protocol/api.ts';
import { forgetAll, KEPT, remember, remembered } from '../ui/remember.ts';

/** Who signed in on this device last, for when the server cannot be asked. */
const KEY = 'person';

export function rememberPerson(account: Account): void {
  remember(KEY, JSON.stringify(account));
}

export function forgetPerson(): void {
  forgetAll(KEY);
  forgetAll(KEPT);
}

export function lastPerson(): Account | null {
  const text = remembered(KEY);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isAccount(value) ? value : null;
  } catch {
    return null; // no JSON: nothing of ours
  }
}

/** It was the server's own answer when it was written: only what is read without asking the server is looked at. */
function isAccount(value: unknown): value is Account {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'id' in value && typeof value.id === 'string' && 'name' in value && 'school' in value && 'role' in value
  );
}
