import { useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { LessonFiles } from '../../board/lesson-files.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { CoursewarePanel } from './CoursewarePanel.tsx';
import { EarlierBoards } from './EarlierBoards.tsx';
import styles from './Prepare.module.css';

interface BringDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** The page behind which pages come; nobody's page is turned by it. */
  readonly after: string;
}

/** Bringing courseware, or an earlier board, while the lesson goes on. */
export function BringDialog({ isOpen, onClose, after }: BringDialogProps) {
  const { t } = useTranslation();
  const lesson = useContext(LessonFiles);
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t('prepare.add')}>
      <div className={styles.dialog}>
        <CoursewarePanel lesson={lesson} after={after} />
        <EarlierBoards lesson={lesson} after={after} />
      </div>
    </Dialog>
  );
}
