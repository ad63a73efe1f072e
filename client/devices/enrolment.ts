import type { Account, RouteOutput } from '../../protocol/api.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { call } from '../api.ts';
import { type DeviceIdentity, forgetIdentity } from './identity.ts';
import { rememberDevice } from './remembered.ts';

export type Enrolment =
  | { readonly state: 'enrolled'; readonly account: Account }
  | { readonly state: 'unpaired' }
  /** The key was taken away: it is forgotten, and the next one is a new one. */
  | { readonly state: 'revoked' };

/** Signs in by this browser's key. Rejects with a TongkeError or NetworkError where it is worth trying again. */
export async function signInByKey(identity: DeviceIdentity): Promise<Enrolment> {
  const { challenge } = await call('device.challenge', { input: {} });
  try {
    const input = await identity.prove('sign_in', challenge);
    const { enrolled } = await call('device.signIn', { input });
    if (!enrolled) return { state: 'unpaired' };
    rememberDevice(enrolled.device);
    return { state: 'enrolled', account: enrolled.account };
  } catch (error) {
    if (!(error instanceof TongkeError)) throw error;
    if (error.code !== 'device_revoked') throw error;
    await forgetIdentity();
    return { state: 'revoked' };
  }
}

/** The code to show, good for ten minutes. */
export async function askForCode(identity: DeviceIdentity): Promise<RouteOutput<'device.pair'>> {
  const { challenge } = await call('device.challenge', { input: {} });
  return call('device.pair', { input: await identity.prove('pair', challenge) });
}
