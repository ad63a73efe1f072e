import type { Log } from '../log.ts';
import { TimetableGenerator } from '../timetable/generator.ts';
import { Directory } from './directory.ts';
import { Fleet } from './fleet.ts';
import { DeviceLimits } from './limits.ts';
import { Pairing } from './pairing.ts';
import { Proofs } from './proofs.ts';

/** Rooms, devices and the timetable they live by, as one thing to open and close. */
export interface DeviceService {
  readonly proofs: Proofs;
  readonly pairing: Pairing;
  readonly fleet: Fleet;
  readonly directory: Directory;
  readonly timetable: TimetableGenerator;
  /** Lessons of these rooms have begun, ended, moved or come. */
  agendaChanged(rooms: readonly string[]): void;
  close(): Promise<void>;
}

export async function openDevices(secret: string, log: Log): Promise<DeviceService> {
  const proofs = new Proofs(secret);
  const fleet = new Fleet(log);
  const directory = new Directory(fleet, log);
  const timetable = new TimetableGenerator(log);
  const agendaChanged = (rooms: readonly string[]) => {
    directory.changed();
    fleet.agendaChanged(rooms);
  };
  timetable.onChange = agendaChanged;
  await timetable.start();
  return {
    ...{ proofs, fleet, directory, timetable, agendaChanged },
    pairing: new Pairing({ proofs, limits: new DeviceLimits() }),
    async close() {
      await timetable.close();
      await fleet.close();
    },
  };
}
