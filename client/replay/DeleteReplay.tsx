import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import type { Replay } from '../../protocol/replay.ts';
import { call } from '../api.ts';
import { Confirm } from '../ui/Dialog.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { useTell } from '../ui/Toasts.tsx';
import { useWords } from './texts.ts';

/** Deletes the replay for good, for whoever may. Asks twice: the second time by its name. */
export function DeleteReplay({ replay: { lesson, title, merged = [] } }: { replay: Replay }) {
  const { t } = useTranslation();
  const { name } = useWords();
  const tell = useTell();
  const navigate = useNavigate();
  const [asks, setAsks] = useState<'once' | 'twice' | null>(null);
  const remove = async () => {
    try {
      const { complete } = await call('replay.delete', { params: { lesson } });
      tell.info(t(complete ? 'storage.deleted' : 'storage.deleting'));
      await navigate('/');
    } catch (error) {
      tell.error(error);
    }
  };
  return (
    <>
      <IconButton
        icon={Trash2}
        label={t('storage.delete')}
        placement="left"
        onPress={() => setAsks('once')}
      />
      <Confirm
        isOpen={asks === 'once'}
        onClose={() => setAsks(null)}
        title={t('storage.delete')}
        confirm={t('storage.goOn')}
        onConfirm={() => setAsks('twice')}
      >
        <p>{t('storage.deleteText')}</p>
        {merged.length > 0 && (
          <p>
            {t('storage.mergedStay')}{' '}
            {merged.map((one) => (
              <Link key={one.lesson} to={`/watch/${one.lesson}`}>
                {name(one.title)}
              </Link>
            ))}
          </p>
        )}
      </Confirm>
      <Confirm
        isOpen={asks === 'twice'}
        onClose={() => setAsks(null)}
        title={t('storage.sure', { title: name(title) })}
        confirm={t('storage.forGood')}
        cancel={t('storage.keep')}
        onConfirm={() => void remove()}
      >
        <p>{t('storage.sureText')}</p>
      </Confirm>
    </>
  );
}
