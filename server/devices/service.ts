import { Alerts } from '../alerts/alerts.ts';
import { Delivery } from '../alerts/delivery.ts';
import { createMailer } from '../alerts/mail.ts';
import type { DeliveryConfig } from '../config-delivery.ts';
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
  readonly alerts: Alerts;
  readonly delivery: Delivery;
  /** Lessons of these rooms have begun, ended, moved or come. */
  agendaChanged(rooms: readonly string[]): void;
  close(): Promise<void>;
}

export interface DevicesOptions {
  /** What challenges are made with. */
  readonly secret: string;
  readonly told: DeliveryConfig;
  readonly publicUrl: string | null;
  readonly log: Log;
}

export async function openDevices({ secret, told, publicUrl, log }: DevicesOptions): Promise<DeviceService> {
  const proofs = new Proofs(secret);
  const fleet = new Fleet(log);
  const directory = new Directory(fleet, log);
  const timetable = new TimetableGenerator(log);
  const delivery = new Delivery({
    ...{ publicUrl, log, allowed: told.webhookNetworks },
    mailer: told.smtp ? createMailer(told.smtp) : null,
  });
  const alerts = new Alerts({ directory, delivery, log });
  const agendaChanged = (rooms: readonly string[]) => {
    directory.changed();
    fleet.agendaChanged(rooms);
  };
  timetable.onChange = agendaChanged;
  await timetable.start();
  await alerts.start();
  return {
    ...{ proofs, fleet, directory, timetable, alerts, delivery, agendaChanged },
    pairing: new Pairing({ proofs, limits: new DeviceLimits() }),
    async close() {
      await alerts.close();
      await timetable.close();
      await fleet.close();
    },
  };
}
