import type { BrowserContext, Page } from 'playwright-core';
import type { RouteOutput } from '../../../protocol/api.ts';
import type { CheckItem } from '../../../protocol/devices.ts';
import { get } from '../../support/client.ts';
import { post } from '../../support/device.ts';
import { eventually } from '../../support/eventually.ts';

/** A screen in a browser, paired, of which checks can be asked. */
export interface CheckedRoom {
  readonly page: Page;
  readonly room: string;
  /** What the server knows of it as a device. */
  show(): Promise<RouteOutput<'device.show'>>;
  /** Asks for a check from afar, as a technician does; gives what was found. */
  check(): Promise<readonly CheckItem[]>;
}

export interface RoomOptions {
  readonly url: string;
  readonly technician: string;
  /** Its id, or what a new one is called, in a village of the demo. */
  readonly room: string | { readonly name: string };
  /** What the loudspeaker plays is heard by the microphone. */
  readonly heard: boolean;
}

export async function openRoom(context: BrowserContext, options: RoomOptions): Promise<CheckedRoom> {
  const { url, technician } = options;
  if (options.heard) await context.addInitScript(joinLoudspeakerToMicrophone);
  const page = await context.newPage();
  await page.goto(`${url}/room?lang=en`);
  const code = (await page.getByTestId('code').innerText()).replace(/\D/g, '');
  const wanted =
    typeof options.room === 'string' ? { id: options.room } : { ...options.room, school: 'demo-lotus' };
  const { device, room } = await post<RouteOutput<'device.enrol'>>(
    ...([url, '/devices', { code, room: wanted }, technician] as const),
  );
  await page.reload(); // it signs in at once, instead of when it next asks whether it is paired
  const place = `/rooms/${room}/devices/${device}`;
  const show = () => get<RouteOutput<'device.show'>>(url, place, technician);
  await eventually(async () => (await show()).online, 'the device is online', 30_000);
  return {
    page,
    room,
    show,
    async check() {
      const { id } = await post<{ id: string }>(url, `${place}/commands`, { kind: 'check' }, technician);
      const isDone = async () => (await show()).commands.find((one) => one.id === id)?.state === 'done';
      await eventually(isDone, 'the check has its result', 40_000);
      return (await show()).checks[0]?.items ?? [];
    },
  };
}

/** A room in which what the loudspeaker plays is heard by the microphone, over a digital cable instead of air. */
function joinLoudspeakerToMicrophone(): void {
  const buses = new Map<BaseAudioContext, MediaStreamAudioDestinationNode>();
  const connect = AudioNode.prototype.connect as (this: AudioNode, ...args: unknown[]) => AudioNode;
  const room = new AudioContext();
  const air = room.createMediaStreamDestination();
  AudioNode.prototype.connect = function (this: AudioNode, ...args: unknown[]) {
    const [target] = args;
    if (target instanceof AudioDestinationNode && this.context instanceof AudioContext) {
      const bus = buses.get(this.context) ?? this.context.createMediaStreamDestination();
      if (!buses.has(this.context)) {
        buses.set(this.context, bus);
        connect.call(room.createMediaStreamSource(bus.stream), air);
      }
      connect.call(this, bus);
    }
    return connect.apply(this, args);
  } as typeof AudioNode.prototype.connect;
  // The hum of a room: no microphone that works gives digital silence.
  const hum = room.createOscillator();
  const soft = room.createGain();
  soft.gain.value = 0.002;
  hum.frequency.value = 150;
  connect.call(hum, soft);
  connect.call(soft, air);
  hum.start();
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    if (!constraints?.audio || constraints.video) return open(constraints);
    return new MediaStream(air.stream.getAudioTracks().map((track) => track.clone()));
  };
}
