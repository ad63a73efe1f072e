import type { DeviceService } from './devices/service.ts';
import type { Metric } from './http/metrics.ts';
import type { Lessons } from './lessons/lessons.ts';

export interface MetricsSources {
  readonly lessons: Pick<Lessons, 'count'>;
  readonly devices: Pick<DeviceService, 'fleet' | 'directory' | 'alerts'>;
  /** Sockets of people and rooms. */
  readonly connections: () => number;
  readonly media: () => Readonly<Record<'routers' | 'transports' | 'producers' | 'consumers', number>>;
  /** Lessons that are being recorded. */
  readonly recordings: () => number;
  /** What the recorder is worried about, such as a disk that is nearly full. */
  readonly recordingWarnings: () => readonly string[];
}

/** What an operator watches: few figures, each of which means something when it changes. */
export async function readMetrics(sources: MetricsSources): Promise<readonly Metric[]> {
  const { fleet, directory } = sources.devices;
  const { online } = fleet.count();
  const media = sources.media();
  const cpu = process.cpuUsage();
  const gauge = (name: string, help: string, value: Metric['value']): Metric => ({
    ...{ name: `tongke_${name}`, help, value, type: 'gauge' as const },
  });
  return [
    gauge('devices_online', 'Enrolled devices that are connected.', online),
    gauge('rooms', 'Rooms by state.', { label: 'level', values: await directory.counts() }),
    gauge('lessons_open', 'Lessons in memory, by phase.', {
      label: 'phase',
      values: await sources.lessons.count(),
    }),
    gauge('connections', 'Sockets of people and rooms.', sources.connections()),
    gauge('media_routers', 'Lessons with voices or pictures on the media node.', media.routers),
    gauge('media_streams', 'Transports, streams sent and streams received on the media node.', {
      label: 'kind',
      values: { transport: media.transports, producer: media.producers, consumer: media.consumers },
    }),
    gauge('alerts_open', 'Alerts that are open, by level.', {
      label: 'level',
      values: sources.devices.alerts.count(),
    }),
    gauge(
      'recording_warnings',
      'Warnings of the recorder, such as a disk that is nearly full.',
      sources.recordingWarnings().length,
    ),
    gauge('recordings_running', 'Lessons that are being recorded.', sources.recordings()),
    gauge('process_resident_memory_bytes', 'Memory of the server process.', process.memoryUsage.rss()),
    {
      name: 'tongke_process_cpu_seconds_total',
      help: 'Processor time of the server process.',
      type: 'counter',
      value: (cpu.user + cpu.system) / 1e6,
    },
  ];
}
