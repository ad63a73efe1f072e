import { NetworkError } from '../api.ts';

/** The file of a page. Rejects where it does not come: a page is saved whole or not at all. */
export async function fetchPage(url: string): Promise<Response> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new NetworkError('a page did not come', { cause: error });
  });
  if (!response.ok) throw new NetworkError(`a page did not come: HTTP ${response.status}`);
  return response;
}
