/** What recordings take, and taking it back. */
export const storage = {
  delete: '删除回放',
  deleteText:
    '声音、画面、板书、字幕、分享链接和课件都会永久删除，大家的笔记和提问也一起删除。课程表上仍然记着上过这节课。',
  goOn: '继续',
  sure: '永久删除《{{title}}》吗？',
  sureText: '删除以后找不回来。别人已经带走的副本和备份不受影响。',
  forGood: '永久删除',
  keep: '保留',
  deleted: '回放已删除，什么都没有留下。',
  deleting: '这份回放谁也看不到了。有一部分暂时没能删掉，系统会自动继续删。',
} as const;
