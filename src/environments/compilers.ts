import type { Failure } from '../model/failure.ts';
import { ok, type Result } from '../model/result.ts';
import { runStep, type Step, type StepEnd, type Workshop } from './workshop.ts';

const COMPILER = String.raw`(?:[\w./-]*-)?(?:gcc|cc|g\+\+|c\+\+|clang|gfortran|swig)(?:-[\d.]+)?`;
const CONFIGURATION =
  '(?:pg_config|mysql_config|mariadb_config|curl-config|xml2-config|xslt-config|pkg-config)';
const LACKING = new RegExp(
  [
    `unable to execute '?${COMPILER}`,
    `command '?${COMPILER}'? failed`,
    String.raw`\b${COMPILER}['"]?: (?:command )?not found`,
    `No such file or directory: '${COMPILER}'`,
    `${CONFIGURATION}\\b[^\\n]{0,60}(?:not found|No such file|is required|could not)`,
    `[Cc]ould not run ${CONFIGURATION}`,
    String.raw`fatal error: \S+\.h: No such file`,
    'Unknown compiler\\(s\\)',
    'no acceptable C compiler|compiler cannot create executables|Broken toolchain',
    'libxml2 and libxslt development packages',
    String.raw`RuntimeError: (?:Cannot|Could not) find (?:a )?(?:C|Fortran) compiler`,
  ].join('|'),
);

/** Whether a build ended for lack of a compiler, a header or a library's own configuration program. */
export function lacksCompiler(log: string): boolean {
  return LACKING.test(log);
}

/** How a step ended that builds foreign code, and whether it took the image with compilers. */
export interface BuildEnd extends StepEnd {
  readonly compiled: boolean;
}

/**
 * Runs a step that builds foreign code: where the base image is, pure packages need no more; where `lacks` says
 * that compilers or headers were missing, once more in the image that has them (made when first asked for).
 */
export async function runBuild(
  workshop: Workshop,
  step: Step,
  lacks: (ended: StepEnd) => boolean,
  /** The step of the second time, when it is another one. */
  again: () => Step = () => step,
): Promise<Result<BuildEnd, Failure>> {
  const first = await runStep(workshop, step);
  if (!first.ok) return first;
  if (workshop.buildImage === null || !lacks(first.value)) return ok({ ...first.value, compiled: false });
  workshop.progress('building with compilers');
  const image = await workshop.buildImage();
  if (!image.ok) return image;
  const second = await runStep(workshop, { ...again(), image: image.value });
  return second.ok ? ok({ ...second.value, compiled: true }) : second;
}
