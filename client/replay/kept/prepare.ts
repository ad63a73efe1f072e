/** A thin link takes its time; what is missing afterwards comes when it is first used with a network. */
const PATIENCE_MS = 60_000;

/** Asks the service worker to keep what plays a replay on this device, and waits for it. Never rejects. */
export async function prepareOffline(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const worker = registration?.active;
  if (!worker) return;
  await new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const timer = setTimeout(resolve, PATIENCE_MS);
    port1.onmessage = () => {
      clearTimeout(timer);
      resolve();
    };
    worker.postMessage('prepare-replay', [port2]);
  });
}
