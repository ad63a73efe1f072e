import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deviceNumber } from '../../../protocol/devices.ts';
import { rememberedDevice } from '../../devices/remembered.ts';
import styles from './Identify.module.css';

/** Over everything, so that whoever stands among forty screens sees which one was meant. */
export function Identify() {
  const { t } = useTranslation();
  const [id, setId] = useState<string | null>(null);
  useEffect(() => setId(rememberedDevice()), []);
  return (
    <div className={styles.identify} role="alert">
      <span className={styles.number}>{id === null ? '?' : deviceNumber(id)}</span>
      <p>{t('pairing.identify', { n: id === null ? '?' : deviceNumber(id) })}</p>
    </div>
  );
}
