import { createTransport } from 'nodemailer';

export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  /** `tls`: encrypted from the first byte; `starttls`: refused where the server cannot; `none`: on one's own network. */
  readonly security: 'tls' | 'starttls' | 'none';
  readonly user?: string;
  readonly password?: string;
  readonly from: string;
}

export interface Letter {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  send(letter: Letter): Promise<void>;
  close(): void;
}

const TIMEOUT_MS = 20_000;

export function createMailer({ host, port, security, user, password, from }: SmtpOptions): Mailer {
  const transport = createTransport({
    ...{ host, port, secure: security === 'tls', requireTLS: security === 'starttls' },
    ignoreTLS: security === 'none',
    auth: user === undefined ? undefined : { user, pass: password ?? '' },
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    // What is sent are our own texts: neither files nor addresses are read for them.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  return {
    async send({ to, subject, text }) {
      await transport.sendMail({
        ...{ from, to: [...to], subject, text },
        headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: no holiday answers, please
      });
    },
    close: () => transport.close(),
  };
}
