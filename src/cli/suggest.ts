/** For the end of a sentence about a name that is not known. */
export function didYouMean(name: string | undefined): string {
  return name === undefined ? '' : `: did you mean ${name}?`;
}
