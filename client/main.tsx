import './ui/tokens.css';
import './ui/fonts.css';
import './ui/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { askEarly } from './api.ts';
import { startLanguages } from './i18n/index.ts';
import { keepForOffline } from './offline.ts';
import { AccountProvider } from './router/account.tsx';
import { Router } from './router/Router.tsx';
import { bringChineseFont } from './ui/chinese-font.ts';
import { Toasts } from './ui/Toasts.tsx';
import { startTheme } from './ui/theme.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

startTheme();
askEarly('session.show');
await startLanguages();
createRoot(root).render(
  <StrictMode>
    <AccountProvider>
      <Toasts>
        <Router />
      </Toasts>
    </AccountProvider>
  </StrictMode>,
);
// Not awaited: faces import from the file that this module is in, and would wait for the font and the service worker.
void bringChineseFont().then(keepForOffline);
