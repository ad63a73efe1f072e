import { useState } from 'react';
import { useErrorText } from '../../ui/useErrorText.ts';

/** One sending of a form at a time, and the sentence to show where it was refused. */
export function useSubmit(send: () => Promise<void>) {
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const submit = async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await send();
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return { submit, busy, problem: error === null ? null : errorText(error) };
}
