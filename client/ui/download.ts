/** The browser's own way: it shows how far it is, and goes on where the link broke off. */
export function download(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}
