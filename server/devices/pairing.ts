import { randomBytes, randomInt } from 'node:crypto';
import type { RouteInput, RouteOutput } from '../../protocol/api.ts';
import type { KeyProof } from '../../protocol/devices.ts';
import { TongkeError } from '../../protocol/errors.ts';
import { hashPassword } from '../auth/password.ts';
import { createAccount } from '../store/accounts.ts';
import {
  changeKey,
  countPairings,
  createDevice,
  type DeviceRecord,
  findDevice,
  findDeviceByKey,
  openPairing,
  takePairing,
} from '../store/devices.ts';
import { newId } from '../store/models.ts';
import type { DeviceLimits } from './limits.ts';
import type { Proofs } from './proofs.ts';

const CODE_LIFE_MS = 10 * 60_000;
/** More screens than any county sets up at once; beyond it codes would be worth guessing. */
const WAITING_MOST = 1_000;
const TRIES = 5;

export interface PairingOptions {
  readonly proofs: Proofs;
  readonly limits: DeviceLimits;
}

/** How a screen becomes a room's: it shows a code, a technician enters it, and its key is the room's from then on. */
export class Pairing {
  readonly #proofs: Proofs;
  readonly #limits: DeviceLimits;

  constructor({ proofs, limits }: PairingOptions) {
    this.#proofs = proofs;
    this.#limits = limits;
  }

  /** The code for a new screen's key. `device_revoked` where the key was good once: a new one is needed. */
  async open(proof: KeyProof, address: string): Promise<RouteOutput<'device.pair'>> {
    await this.#limits.newCode(address);
    await this.#proofs.check('pair', proof);
    const known = await findDeviceByKey(proof.key);
    if (known && !known.good) throw new TongkeError('device_revoked');
    if (known) throw new TongkeError('bad_request', 'a device already');
    if ((await countPairings()) >= WAITING_MOST) throw new TongkeError('too_many_requests');
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const code = String(randomInt(100_000_000)).padStart(8, '0');
      const opened = await openPairing(proof.key, code, new Date(Date.now() + CODE_LIFE_MS));
      if (opened) {
        return { code: opened.code, expiresAt: opened.expiresAt.getTime(), now: Date.now() };
      }
    }
    throw new TongkeError('too_many_requests', 'no free code was found');
  }

  /** The device whose key this is; null while nobody has paired it. Rejects with `device_revoked` or `proof_refused`. */
  async identify(proof: KeyProof, address: string): Promise<DeviceRecord | null> {
    await this.#limits.ask(address);
    await this.#proofs.check('sign_in', proof);
    const known = await findDeviceByKey(proof.key);
    if (!known) return null;
    if (!known.good) throw new TongkeError('device_revoked');
    return known.device;
  }

  /**
   * Makes the screen behind `code` a device of a room, or the successor of one. Rejects with `pairing_code_unknown` or
   * `too_many_requests`. Whether `account` may do that to the room has been asked before.
   */
  async enrol(account: string, code: string, room: string, replaces?: string): Promise<string> {
    const forgive = await this.#limits.guess(account);
    const former = replaces === undefined ? null : await findDevice(replaces);
    if (replaces !== undefined && former?.room !== room) throw new TongkeError('room_not_found');
    const key = await takePairing(code);
    if (key === null) throw new TongkeError('pairing_code_unknown');
    await forgive();
    const now = new Date();
    if (!former) return createDevice(room, key, now);
    await changeKey(former, key, now);
    return former.id;
  }
}

/** An account's id, for a room that is made after its device. */
export function newRoomId(): string {
  return newId('a');
}

/** A room with an account that nobody knows the password of: only its devices sign in. */
export async function createRoom(
  room: Extract<RouteInput<'device.enrol'>['room'], { name: string }>,
  id: string,
): Promise<string> {
  const password = await hashPassword(randomBytes(32).toString('base64url'));
  const username = `room-${randomBytes(8).toString('hex')}`;
  const name = { 'zh-CN': room.name };
  return createAccount({ id, username, password, role: 'room', name, school: room.school });
}
