import { fileError } from './prepare.ts';

/** One sentence for what happened, one for what to do. */
export const error = {
  ...fileError,
  bad_request: '这一步没能完成，内容不符合要求。请检查后再试。',
  too_large: '内容太大，没有发出去。请分几次发送。',
  too_many_requests: '操作太快了。请等一分钟再试。',
  unknown_request: '这个页面与服务器不配套。请刷新页面。',
  version_mismatch: '同课已经更新。请刷新页面，然后继续。',
  not_signed_in: '登录已经失效。请重新登录。',
  wrong_password: '用户名或密码不对。请再看一遍，留意大小写。',
  forbidden: '这个账号不能做这件事。需要的话，请找学校管理员。',
  not_found: '没有找到这节课。它可能被取消了，请回到今日课程查看。',
  lesson_not_started: '老师还没有开始上课。请稍等，开始后会自动进入。',
  lesson_ended: '这节课已经下课。请到今日课程看回放。',
  not_in_lesson: '您还没有进入这节课。请重新进入。',
  connection_lost: '连接中断，没有收到回复。系统正在自动重连，稍后请再试一次。',
  not_on_stage: '老师还没有请您发言。请先举手。',
  media_unavailable: '声音和画面暂时接不通，板书不受影响。系统会自动重试。',
  stream_gone: '这一路声音或画面刚刚结束。不用操作，会自动恢复。',
  replay_not_ready: '回放还没有做好。请过几分钟再来看。',
  edit_outdated: '这份回放刚才有人改过了。请先看看现在的样子，再改一次。',
  captions_unreadable: '这个文件不能当作字幕（WebVTT）读取。请检查指出的那一行，再上传一次。',
  share_ended: '这个链接已经打不开了：到期了，或者被收回了。请找给您链接的人。',
  room_not_found: '没有找到这间教室，或者它不归您管。请回到教室列表查看。',
  pairing_code_unknown: '这个配对码不对，或者已经过期。请看屏幕上现在的数字，再输入一次。',
  device_revoked: '这块屏幕已被停用。请重新配对，或者问技术员。',
  proof_refused: '设备的身份没有通过验证。系统会自动再试；若一直这样，请重新配对。',
  database_unavailable: '服务器暂时不能保存。请稍等；若一直这样，请告诉技术员。',
  shutting_down: '服务器正在重启。请稍等，会自动恢复。',
  internal: '服务器出了问题。请再试一次；若还不行，请告诉技术员。',
  network: '连不上服务器。请检查网络，然后再试。',
  page_missing: '没有这个页面。请检查网址，或回到今日课程。',
  page_failed: '页面没有打开。请检查网络，然后刷新页面，课堂内容不会丢。',
};

/** What `DeviceProblem` (client/lesson/devices.ts) means to a person. */
export const device = {
  insecure_origin: '这个网址不安全，浏览器不给用摄像头和麦克风。请改用 https:// 开头的网址打开。',
  camera_refused: '浏览器没有允许使用摄像头。请点地址栏左边的图标，把摄像头改成“允许”，再试一次。',
  camera_missing: '没有找到摄像头。请插好摄像头，再试一次。',
  camera_busy: '摄像头正被别的程序使用。请关掉那个程序，再试一次。',
  microphone_refused: '浏览器没有允许使用麦克风。请点地址栏左边的图标，把麦克风改成“允许”，再试一次。',
  microphone_missing: '没有找到麦克风。请插好麦克风，再试一次。',
  microphone_busy: '麦克风正被别的程序使用。请关掉那个程序，再试一次。',
  screen_refused: '没有共享屏幕。想共享时，请再点一次并选一个窗口。',
  device_failed: '设备没能打开。请拔下重插，再试一次；若还不行，请告诉技术员。',
};
