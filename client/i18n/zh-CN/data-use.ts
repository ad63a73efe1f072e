/** What a link costs that is paid for by the megabyte. */
export const dataUse = {
  lesson: '这节课已用：收 {{received}}，发 {{sent}}',
  days: '这台设备今天 {{today}}，本月 {{month}}',
  metered: '这条网络按流量收费',
  off: '不是',
  on: '是，请节省流量',
  limit: '这台设备每天的流量',
  noLimit: '不限',
  mb: '{{n}} 兆',
  over: '今天的 {{n}} 兆已用完：画面已关，声音和板书照常。要看画面，可以在“节省流量”里打开。',
  ask: '这条网络按流量收费',
  askText: '这要用大约 {{size}} 流量。',
  askGo: '仍然下载',
  keep: '这条网络按流量收费：保存约需 {{size}}。',
};
