import { z } from 'zod';

/** What Meta's Graph API refuses about a message, in its own error format. */

/** The body of a refusal: `{error: {message, type, code, error_data: {details}, fbtrace_id}}`. */
export type GraphError = {
  error: {
    message: string;
    type: string;
    code: number;
    error_subcode?: number;
    error_data: { messaging_product: 'whatsapp'; details: string };
    fbtrace_id: string;
  };
};

/** An error body as Graph writes it; `code` decides what it means, `details` says what was wrong. */
export function graphError(code: number, details: string, title = titleOf(code)): GraphError {
  return {
    error: {
      message: `(#${code}) ${title}`,
      type: 'OAuthException',
      code,
      error_data: { messaging_product: 'whatsapp', details },
      fbtrace_id: 'AStandInTrace',
    },
  };
}

/** The refusal of a message's JSON, or undefined when Meta would take it. */
export function refusalOf(body: unknown, hasMedia: (id: string) => boolean): GraphError | undefined {
  const message = messageSchema.safeParse(body);
  if (!message.success) return invalid(message.error);
  const { type } = message.data;
  const rules = Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
  if (!rules) return graphError(100, `Param type must be one of {${Object.keys(BY_TYPE).join(', ')}}`);
  const part = rules.safeParse(message.data[type]);
  if (!part.success) return invalid(part.error);
  const unknownId = mediaIdsOf(message.data).find((id) => !hasMedia(id));
  return unknownId === undefined
    ? undefined
    : graphError(131009, `Media with id ${unknownId} does not exist or has expired`);
}

const messageSchema = z
  .looseObject({
    messaging_product: z.literal('whatsapp'),
    to: z
      .string()
      .regex(/^\d{6,15}$/)
      .optional(),
    recipient: z
      .string()
      .regex(/^[A-Z]{2}\./)
      .optional(),
    type: z.string(),
    biz_opaque_callback_data: z.string().max(512).optional(),
  })
  .refine((body) => body.to !== undefined || body.recipient !== undefined, {
    message: 'The parameter to is required',
  });

const text = (max: number) => z.string().min(1).max(max);
const document = z.object({
  id: z.string(),
  filename: z.string().optional(),
  caption: z.string().max(1024).optional(),
});
const isFlat = (value: string) => !/[\n\t]| {5}/.test(value);

const button = z.object({ type: z.literal('reply'), reply: z.object({ id: text(256), title: text(20) }) });
const row = z.object({ id: text(200), title: text(24), description: z.string().max(72).optional() });
const interactive = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('button'),
    body: z.object({ text: text(1024) }),
    action: z.object({
      buttons: z
        .array(button)
        .min(1)
        .max(3)
        .refine((buttons) => new Set(buttons.map(({ reply }) => reply.title)).size === buttons.length, {
          message: 'Button titles must be unique',
        }),
    }),
  }),
  z.object({
    type: z.literal('list'),
    body: z.object({ text: text(4096) }),
    action: z.object({
      button: text(20),
      sections: z
        .array(z.object({ rows: z.array(row).min(1) }))
        .min(1)
        .refine((sections) => sections.flatMap(({ rows }) => rows).length <= 10, {
          message: 'A list has at most 10 rows',
        }),
    }),
  }),
]);
const template = z.object({
  name: text(512),
  language: z.object({ code: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/) }),
  components: z
    .array(
      z.object({
        type: z.enum(['header', 'body', 'button']),
        parameters: z.array(
          z.object({
            type: z.enum(['text', 'document', 'payload']),
            text: text(1024)
              .refine(isFlat, { message: 'Param text cannot have new lines or tabs' })
              .optional(),
            document: document.optional(),
          }),
        ),
      }),
    )
    .default([]),
});

const BY_TYPE: Record<string, z.ZodType> = {
  text: z.object({ body: text(4096), preview_url: z.boolean().optional() }),
  interactive,
  template,
  document,
};

const mediaSchema = z.object({
  document: z.object({ id: z.string() }).optional(),
  template: z
    .object({
      components: z.array(
        z.object({
          parameters: z.array(z.object({ document: z.object({ id: z.string() }).optional() })),
        }),
      ),
    })
    .optional(),
});

function mediaIdsOf(message: unknown): string[] {
  const { document, template } = mediaSchema.parse(message);
  const inHeader = template?.components.flatMap(({ parameters }) => parameters) ?? [];
  return [document, ...inHeader.map((parameter) => parameter.document)].flatMap((file) => file?.id ?? []);
}

function invalid(error: z.ZodError): GraphError {
  const issue = error.issues[0];
  return graphError(100, `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
}

function titleOf(code: number): string {
  return code === 190
    ? 'Invalid OAuth access token'
    : code === 131009
      ? 'Parameter value is not valid'
      : 'Invalid parameter';
}
