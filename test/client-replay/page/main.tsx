import '../../../client/ui/tokens.css';
import '../../../client/ui/fonts.css';
import '../../../client/ui/base.css';
import { createRoot } from 'react-dom/client';
import { BrowserRouter, Route, Routes } from 'react-router';
import { startLanguages } from '../../../client/i18n/index.ts';
import WatchFace from '../../../client/replay/WatchFace.tsx';
import { AccountProvider } from '../../../client/router/account.tsx';
import { startTheme } from '../../../client/ui/theme.ts';

/** The Watch face by itself, mounted as the application mounts it. */
startTheme();
await startLanguages();
const root = document.getElementById('root');
if (!root) throw new Error('The page has no root');
createRoot(root).render(
  <AccountProvider>
    <BrowserRouter>
      <Routes>
        <Route path="/watch/:lesson" element={<WatchFace />} />
        <Route path="/" element={<p>Today</p>} />
      </Routes>
    </BrowserRouter>
  </AccountProvider>,
);
