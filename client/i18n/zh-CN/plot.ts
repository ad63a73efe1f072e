/** Function graphs and number lines. */
export const plot = {
  graph: '函数图像',
  numberline: '数轴',
  functions: '函数（每行一个）',
  hint: '例如：2x + 1，x^2，sin(x)，√x，|x - 2|',
  left: 'x 从',
  right: 'x 到',
  low: 'y 从',
  high: 'y 到',
  from: '从',
  to: '到',
  parts: '每格分成',
  insert: '放到板书上',
  notUnderstood: '看不懂“{{text}}”。请检查括号和写法，只用 x 作变量。',
  tooMany: '一次最多画 6 个函数。',
  wrongSpan: '范围不对。请填数字，后面的要比前面的大。',
  wrongLine: '范围不对。请填整数，终点比起点大，刻度最多 200 个，每格最多分成 10 份。',
};
