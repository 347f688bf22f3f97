import * as z from 'zod';

/**
 * A value of one of several forms, told apart by `choose`, so that a mistake is reported within the form that
 * was meant and unknown keys before what they left missing. `forms` are there to be looked up by whoever asks
 * the schema for the keys that it knows (`z.unknown` comes first and lets every value through).
 */
export function oneOf<T>(
  forms: readonly z.ZodType[],
  choose: (value: unknown) => z.ZodType<T>,
): z.ZodType<T> {
  return z.union([z.unknown(), ...forms]).transform((value, context): T => {
    const read = choose(value).safeParse(value);
    if (read.success) return read.data;
    const unknownFirst = (issue: z.core.$ZodIssue): number => (issue.code === 'unrecognized_keys' ? 0 : 1);
    for (const issue of [...read.error.issues].sort((a, b) => unknownFirst(a) - unknownFirst(b))) {
      context.addIssue({ ...issue });
    }
    return z.NEVER;
  });
}

/** A form whose unknown keys are reported before anything else. */
export function unknownKeysFirst<T>(form: z.ZodType<T>): z.ZodType<T> {
  return oneOf([form], () => form);
}
