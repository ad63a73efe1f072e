import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { useTranslation } from 'react-i18next';
import { Button } from './Button.tsx';
import { classes } from './classes.ts';
import styles from './Dialog.module.css';
import { IconButton } from './IconButton.tsx';

interface DialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** `sheet` rises from the lower edge: what is above stays in sight. */
  readonly shape?: 'dialog' | 'sheet';
  readonly children: ReactNode;
}

export function Dialog({ isOpen, onClose, title, shape = 'dialog', children }: DialogProps) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable
      className={classes(styles.scrim, shape === 'sheet' && styles.low)}
    >
      <Modal className={classes(styles.modal, styles[shape])}>
        <AriaDialog className={styles.dialog}>
          <header className={styles.header}>
            <Heading slot="title" className={styles.title}>
              {title}
            </Heading>
            <IconButton icon={X} label={t('action.close')} placement="left" onPress={onClose} />
          </header>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly confirm: string;
  readonly cancel?: string;
  /** `primary` where nothing is lost by it. */
  readonly look?: 'danger' | 'primary';
  readonly onConfirm: () => void;
  readonly children: ReactNode;
}

/** Asks before what cannot be taken back. */
export function Confirm(props: ConfirmProps) {
  const { isOpen, onClose, title, confirm, cancel, look = 'danger', onConfirm, children } = props;
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable
      className={styles.scrim}
    >
      <Modal className={classes(styles.modal, styles.dialog)}>
        <AriaDialog role="alertdialog" className={styles.dialog}>
          <Heading slot="title" className={styles.title}>
            {title}
          </Heading>
          <div className={styles.text}>{children}</div>
          <footer className={styles.choices}>
            <Button onPress={onClose} autoFocus>
              {cancel ?? t('action.cancel')}
            </Button>
            <Button
              look={look}
              onPress={() => {
                onClose();
                onConfirm();
              }}
            >
              {confirm}
            </Button>
          </footer>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
