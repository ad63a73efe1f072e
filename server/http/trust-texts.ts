import type { Language } from '../../protocol/common.ts';

export interface TrustTexts {
  readonly title: string;
  readonly why: string;
  readonly scan: string;
  readonly download: string;
  readonly fingerprint: string;
  readonly steps: readonly { readonly system: string; readonly text: string }[];
  readonly open: string;
}

export const TRUST_TEXTS: Readonly<Record<Language, TrustTexts>> = {
  'zh-CN': {
    title: '让这台设备信任同课',
    why: '浏览器只在安全连接中允许使用摄像头和麦克风。请在每台设备上安装一次本校服务器的证书。',
    scan: '用手机或平板扫描，在该设备上打开本页：',
    download: '下载证书',
    fingerprint: '证书指纹（SHA-256），安装时请与设备上显示的核对：',
    steps: [
      {
        system: 'Windows',
        text: '打开下载的文件，选择“安装证书”→“本地计算机”→“将所有的证书都放入下列存储”→“受信任的根证书颁发机构”。',
      },
      {
        system: 'Android',
        text: '打开“设置”→“安全”→“加密与凭据”→“安装证书”→“CA 证书”，选择下载的文件。',
      },
      {
        system: 'iPhone / iPad',
        text: '下载后打开“设置”→“已下载描述文件”并安装；再到“通用”→“关于本机”→“证书信任设置”中打开它。',
      },
      {
        system: 'Linux',
        text: '在 Chrome 中打开“设置”→“隐私和安全”→“安全”→“管理证书”，导入下载的文件，并勾选信任它来标识网站。',
      },
    ],
    open: '安装完成后，打开同课',
  },
  bo: {
    title: 'སྒྲིག་ཆས་འདིས་མཉམ་སློབ་ལ་ཡིད་ཆེས་བྱེད་པ།',
    why: 'བལྟ་ཀློག་ཆས་ཀྱིས་བདེ་འཇགས་ཀྱི་འབྲེལ་མཐུད་ཁོ་ནར་པར་ཆས་དང་སྒྲ་ཆས་བཀོལ་དུ་འཇུག སྒྲིག་ཆས་རེ་རེའི་ཐོག་སློབ་གྲྭའི་ཞབས་ཞུ་ཆས་ཀྱི་དཔང་ཡིག་ཐེངས་གཅིག་སྒྲིག་འཇུག་བྱོས།',
    scan: 'ཁ་པར་རམ་ཊེབ་ལེཊ་ཀྱིས་བཤར་ནས་སྒྲིག་ཆས་དེའི་ཐོག་ཤོག་ངོས་འདི་ཁ་ཕྱེས།',
    download: 'དཔང་ཡིག་ཕབ་ལེན།',
    fingerprint: 'དཔང་ཡིག་གི་མཛུབ་རིས། (SHA-256) སྒྲིག་འཇུག་སྐབས་སྒྲིག་ཆས་ཐོག་མངོན་པ་དང་བསྡུར་རོགས།',
    steps: [
      {
        system: 'Windows',
        text: 'ཕབ་ལེན་བྱས་པའི་ཡིག་ཆ་ཁ་ཕྱེས་ནས་ "Install Certificate" → "Local Machine" → "Trusted Root Certification Authorities" འདེམས།',
      },
      {
        system: 'Android',
        text: 'Settings → Security → Encryption & credentials → Install a certificate → CA certificate ནས་ཡིག་ཆ་འདེམས།',
      },
      {
        system: 'iPhone / iPad',
        text: 'Settings → Profile Downloaded ནས་སྒྲིག་འཇུག་བྱོས། དེ་ནས་ General → About → Certificate Trust Settings ནང་ཁ་ཕྱེས།',
      },
      {
        system: 'Linux',
        text: 'Chrome: Settings → Privacy and security → Security → Manage certificates ནས་ཡིག་ཆ་ནང་འདྲེན་བྱོས།',
      },
    ],
    open: 'སྒྲིག་འཇུག་ཚར་རྗེས་མཉམ་སློབ་ཁ་ཕྱེས།',
  },
  en: {
    title: 'Let this device trust Tongke',
    why: "Browsers give a camera and a microphone to secure pages only. Install the certificate of the school's server once on each device.",
    scan: 'Scan it with a phone or tablet to open this page there:',
    download: 'Download the certificate',
    fingerprint: "The certificate's fingerprint (SHA-256); compare it with what the device shows:",
    steps: [
      {
        system: 'Windows',
        text: 'Open the downloaded file: Install Certificate, Local Machine, Place all certificates in the following store, Trusted Root Certification Authorities.',
      },
      {
        system: 'Android',
        text: 'Settings, Security, Encryption & credentials, Install a certificate, CA certificate; choose the downloaded file.',
      },
      {
        system: 'iPhone / iPad',
        text: 'Settings, Profile Downloaded, Install; then General, About, Certificate Trust Settings, and switch it on.',
      },
      {
        system: 'Linux',
        text: 'In Chrome: Settings, Privacy and security, Security, Manage certificates, Import; trust it for identifying websites.',
      },
    ],
    open: 'When it is installed, open Tongke',
  },
};
