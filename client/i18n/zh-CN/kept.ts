export const kept = {
  kept: {
    title: '存在这台设备上的课',
    count: '存在这台设备上的课：{{count}}',
    signOutTitle: '退出登录',
    signOutText: '这台设备上存着 {{count}} 节课，共 {{size}}。如果别人也用这台设备，请一起删除。',
    signOutRemove: '删除并退出',
    signOutKeep: '留着，只退出',
    watchLive: '从头看',
  },
};
