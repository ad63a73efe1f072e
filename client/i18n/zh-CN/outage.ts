/** After an outage: what was missed is being caught up with. */
export const outage = {
  behind: {
    seconds: '落后 {{seconds}} 秒',
    minutes: '落后 {{time}}',
    playing: '正在快放刚才错过的内容',
    waiting: '正在取回刚才错过的内容',
    skip: '直接听现在的',
  },
};
