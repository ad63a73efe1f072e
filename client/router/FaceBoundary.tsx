import { RefreshCw } from 'lucide-react';
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/Button.tsx';
import { Message } from '../ui/Message.tsx';

/** A face that fails, or whose chunk cannot be loaded, says so; a reload brings back what was being done. */
export class FaceBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo) {
    console.error('A face failed:', error, info.componentStack);
  }

  override render() {
    return this.state.failed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const { t } = useTranslation();
  return (
    <main>
      <Message icon={RefreshCw} title={t('app.name')} text={t('error.page_failed')}>
        <Button look="primary" onPress={() => location.reload()}>
          {t('action.reload')}
        </Button>
      </Message>
    </main>
  );
}
