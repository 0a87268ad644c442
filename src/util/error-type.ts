/** The class of what was thrown, as a label: never its text. */
export function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return /^[A-Za-z]\w{0,63}$/.test(error.name) ? error.name : 'Error';
}
