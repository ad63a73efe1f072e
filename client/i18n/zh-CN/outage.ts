/** After an outage: what was missed is being caught up with. */
export const outage = {
  behind: {
    seconds: '落后 {{seconds}} 秒',
    minutes: '落后 {{time}}',
    playing: '正在快放错过的内容',
    waiting: '正在取回错过的内容',
    leftOut: '有 {{time}} 的内容没能补放，课后可以看回放',
    skip: '跳到现在',
  },
};
