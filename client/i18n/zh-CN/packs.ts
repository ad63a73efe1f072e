/** What a lesson needs, fetched before it. */
export const packs = {
  pack: {
    title: '课件预取',
    here: '课件已备好',
    part: '课件已到 {{percent}}%',
    missing: '课件未到',
    fetch: '预先下载课件（{{size}} MB）',
    fetching: '正在下载课件 {{percent}}%',
    fetchHint: '上课时不再占用网络。上课期间会自动停下。',
    full: '这台设备满了，没有存完。其余的课件上课时逐页下载。',
    none: '这几天没有课',
  },
};
