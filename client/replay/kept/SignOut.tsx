import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { forgetLessonsOf } from '../../lesson/lesson-shelf.ts';
import { canKeep, packStore } from '../../packs/pack-store.ts';
import { useAccount } from '../../router/account.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { forgetAll } from '../../ui/remember.ts';
import { useTell } from '../../ui/Toasts.tsx';
import { sizeText } from '../format.ts';
import { isAllSent, ownPrefix } from '../own/kept.ts';
import { keeperOf } from './hooks.ts';
import styles from './Kept.module.css';
import { type KeptRecord, Shelf } from './shelf.ts';

/** Signs out; where this device keeps replays of this person, asks first what is to become of them. */
export default function SignOut({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { account, signOut } = useAccount();
  const tell = useTell();
  const [kept, setKept] = useState<readonly KeptRecord[]>([]);
  const id = account?.id;

  const leave = async (removes: boolean) => {
    onClose();
    try {
      await signOut();
      if (id === undefined) return;
      await forgetLessonsOf(id);
      if (canKeep()) await packStore.clear();
      if (removes) await keeperOf(id).removeAll();
      // Notes the server has are there for the next time; what it has not got stays until then.
      forgetAll(ownPrefix(id), (text) => !isAllSent(text));
    } catch (error) {
      tell.error(error);
    }
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the menu's item was chosen
  useEffect(() => {
    const look = async () => {
      const records = id !== undefined && Shelf.isPossible ? await new Shelf(id).records() : [];
      if (records.length === 0) await leave(false);
      else setKept(records);
    };
    void look();
  }, []);

  const size = sizeText(kept.reduce((total, { bytes }) => total + bytes, 0));
  return (
    <Dialog isOpen={kept.length > 0} onClose={onClose} title={t('kept.signOutTitle')}>
      <div className={styles.dialog}>
        <p>{t('kept.signOutText', { count: kept.length, size })}</p>
        <div className={styles.actions}>
          <Button look="primary" onPress={() => void leave(true)}>
            {t('kept.signOutRemove')}
          </Button>
          <Button onPress={() => void leave(false)}>{t('kept.signOutKeep')}</Button>
        </div>
      </div>
    </Dialog>
  );
}
