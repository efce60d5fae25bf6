/** A request the phone cannot fulfil, told to whoever made it: an HTTP status, a code and the field at fault. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;

  constructor(options: { status: number; code: string; message: string; field?: string }) {
    super(options.message);
    this.name = 'Problem';
    this.status = options.status;
    this.code = options.code;
    this.field = options.field;
  }
}
