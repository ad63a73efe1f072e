import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceDetail } from '../../../protocol/devices.ts';
import { call } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { Choice } from '../../ui/Choice.tsx';
import { useTell } from '../../ui/Toasts.tsx';
import styles from './RoomPage.module.css';

const ANY = 'any';

interface InputChoicesProps {
  readonly room: string;
  readonly device: DeviceDetail;
  readonly again: () => void;
}

/** Which camera and microphone a screen uses, of those that it has. */
export function InputChoices({ room, device, again }: InputChoicesProps) {
  const { t } = useTranslation();
  const tell = useTell();
  const inputs = device.report?.inputs;
  const [camera, setCamera] = useState<string | null>(null);
  const [microphone, setMicrophone] = useState<string | null>(null);
  if (!inputs) return <p className={styles.facts}>{t('rooms.noInputs')}</p>;
  const options = (list: typeof inputs.cameras) => [
    { id: ANY, text: t('rooms.anyInput') },
    ...list.map(({ id, label }, i) => ({ id, text: label || String(i + 1) })),
  ];
  const chosen = {
    camera: camera ?? known(inputs.camera, inputs.cameras),
    microphone: microphone ?? known(inputs.microphone, inputs.microphones),
  };
  const choose = () => {
    const choice = { camera: orNone(chosen.camera), microphone: orNone(chosen.microphone) };
    call('device.command', { params: { room, device: device.id }, input: { kind: 'choose', choice } })
      .then(({ state }) => tell.info(t(`rooms.command.${state}`)))
      .catch(tell.error)
      .finally(again);
  };
  return (
    <div className={styles.part}>
      <h3>{t('rooms.inputs')}</h3>
      <div className={styles.choices}>
        <Choice
          label={t('check.part.camera')}
          value={chosen.camera}
          options={options(inputs.cameras)}
          onChange={setCamera}
        />
        <Choice
          label={t('check.part.microphone')}
          value={chosen.microphone}
          options={options(inputs.microphones)}
          onChange={setMicrophone}
        />
        <Button onPress={choose}>{t('rooms.choose')}</Button>
      </div>
    </div>
  );
}

/** One that was chosen and is not there any more is the browser's choice now. */
function known(id: string | undefined, among: readonly { readonly id: string }[]): string {
  return among.some((one) => one.id === id) ? (id ?? ANY) : ANY;
}

function orNone(id: string): string | null {
  return id === ANY ? null : id;
}
