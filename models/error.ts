/**
 * An error with a stable code, what a reader needs to find the matter, and its cause. Thrown once per
 * boundary and logged once, at the edge. `info` never holds message bodies, tokens, or phone numbers.
 */
export class AppError extends Error {
  readonly code: string;
  readonly info: Record<string, string | number>;

  constructor(
    code: string,
    message: string,
    options: { info?: Record<string, string | number>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.info = options.info ?? {};
  }
}

/** True when the database refused a write because its unique key is already there. */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11000;
}

/** Whether the refused write met a unique key on this field; false for any other error. */
export function isDuplicateOf(error: unknown, field: string): boolean {
  if (!isDuplicateKey(error)) return false;
  const { keyPattern, message = '' } = error as { keyPattern?: Record<string, unknown>; message?: string };
  return keyPattern ? field in keyPattern : message.includes(`${field}_1`);
}
