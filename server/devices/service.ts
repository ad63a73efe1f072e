import { Alerts } from '../alerts/alerts.ts';
import { Delivery } from '../alerts/delivery.ts';
import { createMailer } from '../alerts/mail.ts';
import type { DeliveryConfig } from '../config-delivery.ts';
import type { Log } from '../log.ts';
import { TimetableGenerator } from '../timetable/generator.ts';
import { Builds } from './builds.ts';
import { Directory } from './directory.ts';
import { Fleet } from './fleet.ts';
import { DeviceLimits } from './limits.ts';
import { Pairing } from './pairing.ts';
import { Proofs } from './proofs.ts';
import { Updates } from './updates.ts';

/** Rooms, devices and the timetable they live by, as one thing to open and close. */
export interface DeviceService {
  readonly proofs: Proofs;
  readonly pairing: Pairing;
  readonly fleet: Fleet;
  readonly directory: Directory;
  readonly timetable: TimetableGenerator;
  readonly alerts: Alerts;
  readonly delivery: Delivery;
  readonly builds: Builds;
  readonly updates: Updates;
  /** Lessons of these rooms have begun, ended, moved or come. */
  agendaChanged(rooms: readonly string[]): void;
  close(): Promise<void>;
}

export interface DevicesOptions {
  /** What challenges are made with. */
  readonly secret: string;
  readonly told: DeliveryConfig;
  readonly publicUrl: string | null;
  /** Where `vite build` puts the client, and where copies of its builds are kept. */
  readonly pages: string;
  readonly builds: string;
  readonly log: Log;
}

export async function openDevices(options: DevicesOptions): Promise<DeviceService> {
  const { secret, told, publicUrl, log } = options;
  const proofs = new Proofs(secret);
  const fleet = new Fleet(log);
  const directory = new Directory(fleet, log);
  const timetable = new TimetableGenerator(log);
  const delivery = new Delivery({
    ...{ publicUrl, log, allowed: told.webhookNetworks },
    mailer: told.smtp ? createMailer(told.smtp) : null,
  });
  const alerts = new Alerts({ directory, delivery, log });
  const builds = await Builds.open(options.pages, options.builds, log);
  const updates = new Updates({ builds, fleet, directory, log });
  const agendaChanged = (rooms: readonly string[]) => {
    directory.changed();
    fleet.agendaChanged(rooms);
  };
  timetable.onChange = agendaChanged;
  await timetable.start();
  // Before alerts look: what failed before the server stopped is known.
  await updates.open();
  await alerts.start();
  return {
    ...{ proofs, fleet, directory, timetable, alerts, delivery, builds, updates, agendaChanged },
    pairing: new Pairing({ proofs, limits: new DeviceLimits() }),
    async close() {
      await updates.close();
      await alerts.close();
      await timetable.close();
      await fleet.close();
    },
  };
}
