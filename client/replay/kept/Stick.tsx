import { Download } from 'lucide-react';
import { useQuery } from '../../api.ts';
import { Button } from '../../ui/Button.tsx';
import { download } from '../../ui/download.ts';
import { sizeText } from '../format.ts';
import { useWords } from '../texts.ts';
import styles from './Kept.module.css';

/** The replay as a folder for a stick: for everyone who may watch it. */
export function Stick({ lesson }: { lesson: string }) {
  const { say } = useWords();
  const { data } = useQuery('archive.show', { params: { lesson } });
  if (!data) return null;
  return (
    <section className={styles.stick}>
      <h3>{say('stick')}</h3>
      <p className={styles.quiet}>{say(data.bytes === null ? 'stickWaiting' : 'stickText')}</p>
      {data.bytes !== null && !data.exact && <p className={styles.quiet}>{say('stickMaking')}</p>}
      {data.bytes !== null && (
        <Button icon={Download} onPress={() => download(`/replays/${lesson}/archive.zip`)}>
          {say('stickGet', {
            size: data.exact ? sizeText(data.bytes) : say('keepAbout', { size: sizeText(data.bytes) }),
          })}
        </Button>
      )}
    </section>
  );
}
