import { crossValidate, type Lessons } from './training.ts';

/** The process of `crossValidation.ts`: lessons in, judgements out. */
process.once('message', (lessons) => {
  process.send?.(crossValidate(lessons as Lessons), () => process.exit(0));
});
