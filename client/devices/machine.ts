import type { DeviceFacts, DeviceReport, Inputs } from '../../protocol/devices.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { listDevices, rememberedDevices } from '../lesson/devices.ts';
import { build } from './build.ts';
import { freeSpace } from './check/run.ts';

/** What the browser says of the machine, once a page. */
export function machineFacts(): DeviceFacts {
  const { userAgent, hardwareConcurrency } = navigator;
  const memoryGb = 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : undefined;
  return {
    version: `${PROTOCOL_VERSION} ${build()}`,
    agent: userAgent.slice(0, 300),
    cores: hardwareConcurrency,
    ...(memoryGb !== undefined && Number.isFinite(memoryGb) && { memoryGb }),
    screen: `${screen.width} × ${screen.height}`,
  };
}

/** What changes; asked before every report. Steps are coarse, since each change is told. */
export async function machineState(): Promise<Pick<DeviceReport, 'freeMb' | 'memoryMb' | 'cpu' | 'inputs'>> {
  return {
    freeMb: (await freeSpace()) ?? undefined,
    memoryMb: usedMemory(),
    cpu: pressure,
    inputs: await inputs(),
  };
}

/** Chromium's own, of the page: https://developer.mozilla.org/docs/Web/API/Performance/memory */
function usedMemory(): number | undefined {
  const memory: unknown = 'memory' in performance ? performance.memory : undefined;
  const used = typeof memory === 'object' && memory !== null && 'usedJSHeapSize' in memory;
  return used ? Math.ceil(Number(memory.usedJSHeapSize) / 2e7) * 20 : undefined;
}

/** The four states of https://www.w3.org/TR/compute-pressure/ as shares. */
const PRESSURES: Readonly<Record<string, number>> = { nominal: 0.25, fair: 0.5, serious: 0.75, critical: 1 };
const SAMPLE_MS = 10_000;
let pressure: number | undefined;

/** Listens to how busy the processor is, where the browser tells (Chromium 125 and later). Returns what stops it. */
export function watchPressure(): () => void {
  const Observer: unknown = Reflect.get(globalThis, 'PressureObserver');
  if (typeof Observer !== 'function') return () => {};
  const observer: unknown = Reflect.construct(Observer, [
    (records: readonly { readonly state: string }[]) => {
      pressure = PRESSURES[records.at(-1)?.state ?? ''];
    },
  ]);
  if (!isObserver(observer)) return () => {};
  observer.observe('cpu', { sampleInterval: SAMPLE_MS }).catch(() => {
    pressure = undefined; // this machine does not tell
  });
  return () => observer.disconnect();
}

interface Observer {
  observe(source: string, options: object): Promise<void>;
  disconnect(): void;
}

function isObserver(value: unknown): value is Observer {
  return typeof value === 'object' && value !== null && 'observe' in value && 'disconnect' in value;
}

const MOST_INPUTS = 16;
const LABEL = 200;

async function inputs(): Promise<Inputs | undefined> {
  if (!navigator.mediaDevices) return undefined;
  const { cameras, microphones } = await listDevices();
  const { camera, microphone } = rememberedDevices();
  const named = (list: typeof cameras) =>
    list.slice(0, MOST_INPUTS).map(({ id, label }) => ({ id, label: label.slice(0, LABEL) }));
  return { cameras: named(cameras), microphones: named(microphones), camera, microphone };
}
