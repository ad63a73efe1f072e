/** Scrolls the nearest list, and nothing around it, so that the item is seen. */
export function bringIntoView(item: Element | null | undefined): void {
  const list = item?.parentElement;
  if (!list) return;
  const [outer, inner] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
}
