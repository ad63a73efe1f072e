import { openCamera, openMicrophone } from '../../../client/lesson/devices.ts';
import { openSession } from '../../../client/lesson/session.ts';

/** What tests reach for from outside: a lesson without a screen. */
const livePage = { openSession, openCamera, openMicrophone };
export type LiveTestPage = typeof livePage;
declare global {
  interface Window {
    livePage: LiveTestPage;
    session: ReturnType<typeof openSession>;
  }
}
window.livePage = livePage;
