/** The part of s3rver that tests use; it comes without types. */
declare module 's3rver' {
  import type { IncomingMessage } from 'node:http';
  import type { AddressInfo } from 'node:net';

  interface Options {
    readonly address: string;
    readonly port: number;
    readonly silent: boolean;
    readonly directory: string;
    readonly configureBuckets: readonly { readonly name: string }[];
  }

  export default class S3rver {
    constructor(options: Options);
    use(
      middleware: (
        context: { readonly req: IncomingMessage; status: number },
        next: () => Promise<void>,
      ) => Promise<void>,
    ): void;
    readonly middleware: unknown[];
    run(): Promise<AddressInfo>;
    close(): Promise<void>;
  }
}
