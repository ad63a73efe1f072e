import type { ErrorCode } from '../../protocol/errors.ts';

export type FileProblem = Extract<
  ErrorCode,
  | 'file_kind_unknown'
  | 'file_damaged'
  | 'file_locked'
  | 'file_active'
  | 'file_swells'
  | 'picture_too_large'
  | 'drawing_too_complex'
  | 'pages_too_many'
  | 'slides_unavailable'
  | 'pdf_unavailable'
  | 'conversion_failed'
  | 'storage_full'
>;

/** Why a file does not become pages, as its teacher is told. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused';
  readonly problem: FileProblem;

  constructor(problem: FileProblem, message: string = problem, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

/** What may go otherwise another time: with a tool that was installed meanwhile, on a machine with less to do. */
export function mayPass(problem: ErrorCode): boolean {
  return ['slides_unavailable', 'pdf_unavailable', 'conversion_failed', 'storage_full'].includes(problem);
}
